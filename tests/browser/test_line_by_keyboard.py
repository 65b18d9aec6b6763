"""The whole line by keyboard: 小林 keys, 周敏 returns, 小林 corrects, 周敏 approves and uploads, the paper
verifies."""

from __future__ import annotations

from pathlib import Path

from tests.browser.conftest import Sit
from tests.browser.hands import attach, begin_by_keyboard, key_in
from tests.browser.papers import REFERENCES, example_one, model, typed


def test_example_one_is_keyed_returned_corrected_approved_and_verifies(sit: Sit, tmp_path: Path) -> None:
    lin = sit("YW000231")
    lin.look()
    draft = begin_by_keyboard(lin)
    lin.look()
    answers = example_one()
    wanted = typed(answers)
    for pointer in REFERENCES:
        del wanted[pointer]
    passed = key_in(lin, wanted)
    print(passed)
    print([name for name in wanted if name not in passed])
    lin.page.screenshot(path="/tmp/shots/keyed.png")
    print(lin.page.locator(".error").all_inner_texts())
    lin.look()
