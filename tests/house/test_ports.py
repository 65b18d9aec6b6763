"""Each port of the engine has a fake and a real adapter, and one contract suite that runs on both."""

from __future__ import annotations

import ast
from functools import cache

import pytest

from tests.house import sources

NAMES = ("ports", "key_ports", "version_ports", "notice_ports")
PORTS = tuple(sources.ROOT / f"engine/{name}.py" for name in NAMES)


def _members(node: ast.ClassDef) -> frozenset[str]:
    functions = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
    fields = (
        n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    )
    return frozenset({n.name for n in functions if not n.name.startswith("_")} | set(fields))


def _protocols() -> dict[str, frozenset[str]]:
    classes = (n for port in PORTS for n in sources.tree(port).body if isinstance(n, ast.ClassDef))
    return {n.name: _members(n) for n in classes if any("Protocol" in ast.unparse(base) for base in n.bases)}


@cache
def _classes(folder: str) -> dict[str, frozenset[str]]:
    """Members of every class in a folder by name, with those of its bases in the same folder."""
    nodes = {
        node.name: node
        for f in sources.python_files(folder)
        for node in ast.walk(sources.tree(f))
        if isinstance(node, ast.ClassDef)
    }

    def members(node: ast.ClassDef) -> frozenset[str]:
        bases = (nodes[name] for base in node.bases if (name := sources.dotted(base)) in nodes)
        assigned = {
            n.attr
            for n in ast.walk(node)
            if isinstance(n, ast.Attribute) and sources.dotted(n.value) == "self"
        }
        return _members(node).union(assigned, *(members(base) for base in bases if base is not node))

    return {name: members(node) for name, node in nodes.items()}


def _adapters(port: str, folder: str) -> set[str]:
    return {name for name, has in _classes(folder).items() if _protocols()[port] <= has}


@pytest.mark.parametrize("port", sorted(_protocols()))
def test_a_port_has_a_fake_a_real_adapter_and_one_contract_for_both(port: str) -> None:
    fakes, reals = _adapters(port, "tests/simulators"), _adapters(port, "storage")
    assert fakes, f"no class in tests/simulators has all that {port} asks"
    assert reals, f"no class in storage has all that {port} asks"
    suites = [sources.text(f) for f in sources.python_files("tests/contracts")]
    together = [t for t in suites if any(name in t for name in fakes) and any(name in t for name in reals)]
    assert together, f"no suite in tests/contracts runs {sorted(fakes)} and {sorted(reals)}"
