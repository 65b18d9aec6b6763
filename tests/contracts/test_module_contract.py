"""What every key module promises: the one in memory, the software stand-in, a certified one as well."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.errors import Broken, NotAllowed, Unavailable
from engine.ports import KeyModule
from engine.trust import keys
from storage.passphrases import Passphrases, Strength
from storage.software_module import SoftwareModule
from tests.simulators.memory_module import MemoryModule

PIN = "seven geese"
QUICK = Strength(passes=1, memory=8192)


def in_memory(base: Path) -> Callable[[], KeyModule]:
    return lambda: MemoryModule(PIN)


def in_software(base: Path) -> Callable[[], KeyModule]:
    SoftwareModule.create(base, Passphrases(QUICK), PIN, QUICK)
    return lambda: SoftwareModule(base, Passphrases(QUICK))


@pytest.fixture(params=[in_memory, in_software])
def connect(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], KeyModule]:
    """Connects to the same module each time, shut."""
    made: Callable[[], KeyModule] = request.param(tmp_path)
    return made


def test_a_module_does_nothing_before_its_pin(connect: Callable[[], KeyModule]) -> None:
    module = connect()
    for ask in (
        module.public_key,
        lambda: module.sign(b"m"),
        lambda: module.wrap(b"ring", bytes(32)),
        lambda: module.unwrap(b"ring", bytes(72)),
    ):
        with pytest.raises(Unavailable):
            ask()
    with pytest.raises(NotAllowed) as refused:
        module.open("eight geese")
    assert refused.value.code == "module.pin"


def test_a_module_signs_with_one_key_for_life(connect: Callable[[], KeyModule]) -> None:
    module, again = connect(), connect()
    module.open(PIN)
    again.open(PIN)
    assert module.public_key() == again.public_key()
    assert keys.is_valid(module.public_key(), b"m", again.sign(b"m"))


def test_what_a_module_wrapped_only_it_unwraps_and_only_under_its_label(
    connect: Callable[[], KeyModule],
) -> None:
    module, again = connect(), connect()
    module.open(PIN)
    again.open(PIN)
    key = bytes(range(32))
    wrapped = module.wrap(b"ring", key)
    assert again.unwrap(b"ring", wrapped) == key
    assert key not in wrapped
    for label, damaged in ((b"other", wrapped), (b"ring", wrapped[:-1] + bytes([wrapped[-1] ^ 1]))):
        with pytest.raises(Broken) as broken:
            again.unwrap(label, damaged)
        assert broken.value.code == "module.wrap"
