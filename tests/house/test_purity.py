"""engine and forms read no clock, no disk and no chance; engine.trust stands on PyNaCl alone.

The import contracts in pyproject.toml hold the modules; these tests hold what an import cannot show.
"""

from __future__ import annotations

import ast
import sys

import pytest

from tests.house import sources

CLOCKS = {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "datetime.datetime.now"}
CLOCKS |= {"datetime.datetime.utcnow", "datetime.datetime.today", "datetime.date.today", "dt.datetime.now"}
DOORS = {"open", "print", "input", "exec", "eval", "__import__", "breakpoint"}
# Catalogues are part of the package as its code is: read once, when the module is.
READS_ITS_OWN_PACKAGE = "forms/messages/__init__.py"
READS_DISK = {"read_text", "read_bytes", "write_text", "write_bytes"}
CHANCE = {"nacl.utils", "nacl.utils.random", "nacl.bindings.randombytes", "randombytes", "os.urandom"}
# The one chance allowed: libsodium draws the ephemeral key of a sealed box itself (trust.md, wrap).
TRUST_STANDS_ON = {"nacl", "engine"}


@pytest.mark.parametrize("package", ["engine", "forms"])
def test_a_pure_package_reads_no_clock_and_opens_nothing(package: str) -> None:
    found = [
        f"{sources.name(f)}:{node.lineno} {ast.unparse(node.func)}"
        for f in sources.python_files(package)
        if sources.name(f) != READS_ITS_OWN_PACKAGE
        for node in ast.walk(sources.tree(f))
        if isinstance(node, ast.Call) and _goes_outside(node.func)
    ]
    assert found == []


def test_the_verifier_needs_nothing_but_python_and_pynacl() -> None:
    found = [
        f"{sources.name(f)}:{line} {module}"
        for f in sources.python_files("engine/trust")
        for line, module in sources.imports(sources.tree(f))
        if module.partition(".")[0] not in TRUST_STANDS_ON | set(sys.stdlib_module_names)
        or (module.startswith("engine") and not module.startswith(("engine.trust", "engine.errors")))
    ]
    assert found == []


def test_set_up_runs_before_anything_is_installed() -> None:
    before = sources.python_files("web/setup")
    found = [
        f"{sources.name(f)}:{line} {module}"
        for f in (*before, sources.ROOT / "web/__init__.py")
        for line, module in sources.imports(sources.tree(f))
        if module.partition(".")[0] not in sys.stdlib_module_names and not module.startswith("web.setup")
    ]
    assert found == []


def test_nothing_that_means_trust_is_lost_is_caught_to_carry_on() -> None:
    found = [
        f"{sources.name(f)}:{node.lineno}"
        for f in sources.python_files("engine", "forms")
        for node in ast.walk(sources.tree(f))
        if isinstance(node, ast.ExceptHandler)
        and node.type is not None
        and "Broken" in ast.unparse(node.type)
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    ]
    assert found == []


def _goes_outside(function: ast.expr) -> bool:
    called = sources.dotted(function)
    last = function.attr if isinstance(function, ast.Attribute) else ""
    return called in CLOCKS | DOORS | CHANCE or last in READS_DISK
