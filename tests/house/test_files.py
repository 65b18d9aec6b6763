"""Files stay small, say what they decide, hold nothing unfinished and nothing of one machine."""

from __future__ import annotations

import ast
import re

from tests.house import sources

MOST_LINES = 400
UNFINISHED = re.compile(r"\b(?:TODO|FIXME)\b|#.*\b(?:XXX|HACK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.*}])/(?:(?:home|Users|work|mnt|opt|tmp)/[\w.]|root/\.)")
CATCH_ALL_NAMES = {"utils", "util", "helpers", "helper", "misc", "common", "manager", "managers", "stuff"}
WRITTEN_BY_HAND = (".py", ".md", ".html", ".css", ".js", ".json", ".toml", ".txt", ".jinja", ".sh")


def test_every_source_file_stays_under_four_hundred_lines() -> None:
    watched = sources.files(*sources.PACKAGES, "tests", suffixes=(".py", ".html", ".css", ".js"))
    too_long = {sources.name(f): n for f in watched if (n := sources.text(f).count("\n")) >= MOST_LINES}
    assert too_long == {}


def test_every_module_opens_with_what_it_decides() -> None:
    silent = [
        sources.name(f)
        for f in sources.python_files(*sources.PACKAGES)
        if len((ast.get_docstring(sources.tree(f)) or "").strip(". ")) < 20
    ]
    assert silent == []


def test_no_module_is_a_catch_all() -> None:
    named = [sources.name(f) for f in sources.python_files() if f.stem in CATCH_ALL_NAMES]
    assert named == []


def test_nothing_is_left_unfinished() -> None:
    found = [
        f"{sources.name(f)}:{number}"
        for f in sources.files(*sources.PACKAGES, "tests", "docs", suffixes=WRITTEN_BY_HAND)
        if f.parent.name != "house"
        for number, line in enumerate(sources.text(f).splitlines(), 1)
        if UNFINISHED.search(line)
    ]
    assert found == []


def test_no_function_is_a_stub() -> None:
    stubs = [
        f"{sources.name(f)}:{node.lineno} {node.name}"
        for f in sources.python_files(*sources.PACKAGES)
        for node in _functions_that_promise_a_body(sources.tree(f))
        if _is_empty(node)
    ]
    assert stubs == []


def test_nothing_names_a_folder_of_one_machine() -> None:
    top = [
        sources.ROOT / n for n in ("Makefile", "pyproject.toml", "README.md", "README.zh-CN.md", ".ci/run")
    ]
    watched = (*sources.files(*sources.PACKAGES, "tests", "docs", suffixes=WRITTEN_BY_HAND), *top)
    found = [
        f"{sources.name(f)}:{number}"
        for f in watched
        if f.name != "test_files.py" and f.exists()
        for number, line in enumerate(sources.text(f).splitlines(), 1)
        if MACHINE_PATHS.search(line)
    ]
    assert found == []


def _functions_that_promise_a_body(module: ast.Module) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Functions outside Protocols; overloads and abstract methods have no body by nature."""
    shapes = {
        id(child)
        for node in ast.walk(module)
        if isinstance(node, ast.ClassDef) and any("Protocol" in ast.unparse(base) for base in node.bases)
        for child in node.body
    }
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    bare = {"overload", "typing.overload", "abstractmethod", "abc.abstractmethod"}
    return [
        node
        for node in ast.walk(module)
        if isinstance(node, kinds)
        and id(node) not in shapes
        and not bare & {sources.dotted(d) for d in node.decorator_list}
    ]


def _is_empty(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    documented = ast.get_docstring(node) is not None
    body = node.body[1:] if documented else node.body
    if not body:
        return not node.name.startswith("__")
    if len(body) > 1:
        return False
    only = body[0]
    if isinstance(only, ast.Raise) and only.exc is not None:
        return "NotImplementedError" in ast.unparse(only.exc)
    is_ellipsis = isinstance(only, ast.Expr) and isinstance(only.value, ast.Constant)
    return is_ellipsis or (isinstance(only, ast.Pass) and not documented)
