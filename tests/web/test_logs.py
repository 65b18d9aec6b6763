"""The log keeps places and kinds, and nothing anybody typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from web.logs import configure


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def fail_over(name: str) -> None:
    typed = {"full_name": name}
    raise ValueError(f"cannot file {typed}")


def test_an_exception_is_logged_without_its_message_and_without_variables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure()
    try:
        fail_over("张文兰")
    except ValueError as fault:
        structlog.get_logger("web").error("failure", number="ab12", exc_info=fault)
        logging.getLogger("storage").error("journal.read_only", exc_info=fault, extra={"size": 3})

    out = capsys.readouterr().err
    ours, library = (json.loads(line) for line in out.splitlines())
    assert "张文兰" not in out
    assert (ours["event"], ours["number"], ours["kind"]) == ("failure", "ab12", "ValueError")
    assert ours["places"][-1].endswith("fail_over")
    assert (library["event"], library["size"], library["kind"]) == ("journal.read_only", 3, "ValueError")
