"""What updates leave behind on pages: documents that wait, a payment that is held, an update taken back."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import attaching, deciding, reading, submitting, updating
from engine.ports import ListView
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.papers import example_one
from tests.browser.running import Running
from tests.browser.test_every_page import LANGUAGES
from tests.browser.test_query import see
from tests.browser.test_update_whole import LIN, ZHOU, in_force
from web.demo.attachments import picture

CHEN = "LP000117"
TICKS = {"each_change": True, "evidence": True, "no_interest": True}


def updated(running: Running, doc: str, who: str, reason: str, kind: str, change: dict[str, Any]) -> str:
    """A filed update of one field, with a paper as its evidence."""
    assert running.services is not None
    desk, (actor, unlock) = running.services.desk, prepared.somebody(running, who)
    begun = updating.begin(desk, actor, doc, "info_update")
    staged = attaching.attach(desk, actor, picture(kind, "F-0901", doc[:6]), "image/png", "scan.png")
    day = "2026-03-04"
    effect = {"affects_benefit": False, "needs_reassessment": False, "notify_subject": True}
    answers = {
        **begun.answers,
        "change": {
            "reason": reason,
            "reason_text": "与原件核对后更正",
            "occurred_on": day,
            "known_on": day,
            "requested_by": "department",
        },
        "changes": [{**change, "evidence_file_id": "F-0901"}],
        "effect": {**effect, "effective_on": day},
        "files": [{"kind": kind, "file_id": "F-0901", "sha256": staged.sha256}],
        "statement": {"truthful": True},
    }
    wanted = submitting.Submission("info_update", answers, begun.id, confirmed=frozenset({"A.late"}))
    return submitting.submit(desk, actor, wanted, unlock).wait().doc


def another_of(running: Running, doc: str) -> str:
    """Another entry in force of the same person."""
    assert running.services is not None
    desk, (actor, unlock) = running.services.desk, prepared.somebody(running, LIN)
    answers = prepared.with_files(running, actor, reading.answers_of(desk, reading.row_of(desk, doc)))
    wanted = submitting.Submission("info_entry", answers, f"2-{doc}", confirmed=frozenset({"V11.late"}))
    second = submitting.submit(desk, actor, wanted, unlock).wait().doc
    for step in ("claim", "approve", "upload"):
        prepared.decide(running, second, ZHOU, step)
    return second


def stepped(running: Running, doc: str, who: str, step: str) -> None:
    """Take one step of an update through the desk."""
    assert running.services is not None
    desk, (actor, unlock) = running.services.desk, prepared.somebody(running, who)
    said = {} if step in ("claim", "apply") else TICKS
    head = reading.row_of(desk, doc)["head"]
    wanted = deciding.Decision(doc, step, head, said, f"{doc}-{step}", stepped_up=True)
    deciding.decide(desk, actor, wanted, unlock).wait()


@pytest.mark.parametrize("english", LANGUAGES)
def test_the_other_documents_of_a_corrected_person_wait_on_the_page_and_on_the_list(
    sit_here: Sit, agency_here: Running, english: bool
) -> None:
    first = in_force(agency_here, example_one())
    second = another_of(agency_here, first)
    lin = sit_here(LIN, english=english)
    name = {"path": "/insured/full_name", "new_value": "章文澜"}
    update = updated(agency_here, first, LIN, "identity_correction", "id_card", name)
    for who, step in ((ZHOU, "claim"), (ZHOU, "approve_first"), ("YW000001", "co_approve"), (ZHOU, "apply")):
        stepped(agency_here, update, who, step)

    lin.go(f"/documents/{update}")
    button = lin.page.locator(f'form[action="/documents/{second}/begin-alike"] button')
    assert button.count() == 1
    see(lin, english, "after-1-left")
    lin.go("/follow-ups")
    assert lin.page.locator(f'main a[href="/documents/{second}"]').count() == 1
    see(lin, english, "after-2-list")
    lin.go(f"/documents/{update}")
    lin.turn_page(lambda: button.press("Enter"))
    assert lin.page.locator('[name="/changes/0/new_value"]').input_value() == "章文澜"
    lin.go(f"/documents/{update}")
    lin.turn_page(lambda: lin.page.locator('form[action$="/take-back"] button').press("Enter"))
    assert lin.page.locator('[name="/change/reverts"]').input_value().startswith("LTCI-UPD-")
    see(lin, english, "after-3-taken-back")


@pytest.mark.parametrize("english", LANGUAGES)
def test_a_claim_says_that_its_payment_is_held(sit_here: Sit, agency_here: Running, english: bool) -> None:
    assert agency_here.services is not None
    desk = agency_here.services.desk
    view = ListView(("info_entry",), ("effective",), facets=(("/entry/entry_type", "benefit_claim"),))
    (claim,) = desk.store.page(view, None, 2).rows
    bank = {"path": "/claim/bank_name", "new_value": f"示范银行{'静安' if english else '黄浦'}支行"}
    update = updated(agency_here, claim["doc"], CHEN, "payee_account", "bank_proof", bank)

    chen = sit_here(CHEN, english=english)
    chen.go(f"/documents/{claim['doc']}")

    notice = chen.page.locator(f'.notice a[href="/documents/{update}"]')
    assert notice.count() == 1
    assert ("payment held" if english else "暂缓支付") in chen.text()
    see(chen, english, "after-4-held")
