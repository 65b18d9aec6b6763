"""The files of the checkout as the house tests read them: ours only, never what set-up fetched."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "forms", "storage", "web", "schemas")
FETCHED = {"node_modules", "vendor", "__pycache__", ".venv", ".git", "build"}
WRONG_ON_PURPOSE = "tests/corpus"  # its bundles hold what no text of ours may; its scripts are ours
CHINESE = re.compile(r"[\u3400-\u9fff]")


def files(*folders: str, suffixes: tuple[str, ...]) -> tuple[Path, ...]:
    """Our files under some top folders, sorted, with one of the suffixes."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*") if path.suffix in suffixes)
    return tuple(sorted(p for p in found if p.is_file() and _is_ours(p)))


def _is_ours(path: Path) -> bool:
    parts = path.relative_to(ROOT).parts
    is_sample = name(path).startswith(WRONG_ON_PURPOSE) and path.suffix != ".py"
    return not FETCHED & set(parts) and not is_sample


def python_files(*folders: str) -> tuple[Path, ...]:
    """Our Python files; of the five packages and the tests when no folder is named."""
    return files(*(folders or (*PACKAGES, "tests")), suffixes=(".py",))


def name(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


@cache
def text(path: Path) -> str:
    """The whole text of a file."""
    return path.read_text("utf-8")


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(text(path), filename=str(path))


def docstrings(module: ast.Module) -> set[ast.Constant]:
    """The string nodes that document a module, class or function."""
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    first = (node.body[0] for node in ast.walk(module) if isinstance(node, kinds) and node.body)
    return {e.value for e in first if isinstance(e, ast.Expr) and isinstance(e.value, ast.Constant)}


def dotted(node: ast.expr) -> str:
    """`a.b.c` of an attribute chain; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        above = dotted(node.value)
        return f"{above}.{node.attr}" if above else ""
    return ""


def imports(module: ast.Module) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything a module imports, absolute."""
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module
