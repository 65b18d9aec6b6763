"""An update from its beginning to the printed revision, as three people live it.

小林 corrects a name, 周敏 reviews, 王局 agrees, and the paper says the new name. Two auditors apply two
updates of one revision: the second is told both values.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from engine.desk import reading
from engine.identity import local_day
from tests.browser import prepared
from tests.browser.conftest import Sit
from tests.browser.papers import Answers, example_one, scan
from tests.browser.running import Running
from tests.browser.seat import Seat
from tests.browser.test_every_page import LANGUAGES
from tests.browser.test_query import decide, fill, see
from tests.browser.verifying import download_paper, text_of
from web.demo.people import PASSPHRASE

LIN, ZHOU, HE, WANG = "YW000231", "SH000101", "SH000102", "YW000001"
NAME, MOBILE = "/insured/full_name", "/insured/mobile"
NEW_NAME = "章文澜"
TICKS = ("each_change", "evidence", "no_interest")


def in_force(running: Running, answers: Answers) -> str:
    return prepared.document(running, (ZHOU, "claim"), (ZHOU, "approve"), (ZHOU, "upload"), answers=answers)


def begin(lin: Seat, doc: str, pointer: str, text: str) -> str:
    """From the document's page: pick a field, say its new value; the path of the draft."""
    lin.go(f"/documents/{doc}")
    lin.turn_page(lambda: lin.page.locator('form[action$="/begin/info_update"] button').press("Enter"))
    lin.page.locator(f'input[name="{pointer}"]').focus()
    lin.type_over(text)
    lin.turn_page(lambda: lin.page.locator("#changes button.primary").press("Enter"))
    return lin.path


def complete(lin: Seat, running: Running, reason: str) -> None:
    """What every update says beside its changes."""
    assert running.services is not None
    day = local_day(running.services.desk.clock.now())
    fill(lin, reason=reason, requested_by="department", occurred_on=day, known_on=day, effective_on=day)
    for name, value in (
        ("/effect/affects_benefit", "false"),
        ("/effect/needs_reassessment", "false"),
        ("/effect/notify_subject", "true"),
        ("/statement/truthful", "true"),
    ):
        lin.page.locator(f'input[name="{name}"][value="{value}"]').check()


def send(lin: Seat) -> str:
    """Submit; the id of the filed update."""
    lin.turn_page(lambda: lin.page.locator('button[name="_submit"]').first.press("Enter"))
    found = re.match(r"/entry/done/([a-z2-7]{26})", lin.path)
    assert found is not None, lin.text()
    return found[1]


def taken(seat: Seat, doc: str, transition: str, passphrase: bool = False) -> None:
    """Take a step with its ticks from the document's page."""
    seat.go(f"/documents/{doc}")
    form = seat.page.locator(f'form[action$="/transitions/{transition}"]')
    fold = seat.page.locator("details.decision-fold", has=form)
    if fold.count() and not fold.evaluate("one => one.open"):
        fold.locator("summary").press("Enter")
    for name in TICKS:
        tick = form.locator(f'input[name="{name}"]')
        if tick.count():
            tick.check()
    if passphrase:
        form.locator('[name="_passphrase"]').fill(PASSPHRASE)
    seat.turn_page(lambda: form.locator("button").last.press("Enter"))


@pytest.mark.parametrize("english", LANGUAGES)
def test_an_update_from_its_beginning_to_the_printed_revision(
    sit_here: Sit, agency_here: Running, tmp_path: Path, english: bool
) -> None:
    answers = example_one()
    doc, old = in_force(agency_here, answers), str(answers["insured"]["full_name"])
    lin = sit_here(LIN, english=english)
    begin(lin, doc, NAME, NEW_NAME)
    lin.page.select_option("#upload-kind", "id_card")
    lin.page.set_input_files("#upload-file", scan(tmp_path, 1))
    upload = lin.page.locator('button[name="_upload"]:not(.visually-hidden)')
    lin.turn_page(lambda: upload.press("Enter"))
    fill(lin, reason_text="录入时姓名写错，按身份证件更正")
    complete(lin, agency_here, "identity_correction")
    file = lin.page.locator('[name="/files/0/file_id"]').input_value()
    fill(lin, evidence_file_id=file)
    see(lin, english, "update-1-form")
    update = send(lin)

    zhou = sit_here(ZHOU, english=english)
    taken(zhou, update, "claim")
    zhou.go(f"/documents/{update}/review")
    assert NEW_NAME not in zhou.text() and old not in zhou.text()
    see(zhou, english, "update-2-review")
    zhou.turn_page(lambda: zhou.page.locator('button[name="place"]').press("Enter"))
    assert NEW_NAME in zhou.text() and old in zhou.text()
    see(zhou, english, "update-3-shown")
    taken(zhou, update, "approve_first")

    wang = sit_here(WANG, english=english)
    wang.go(f"/documents/{update}")
    see(wang, english, "update-4-co-approval")
    taken(wang, update, "co_approve", passphrase=True)

    taken(zhou, update, "apply")
    see(zhou, english, "update-5-applied")
    lin.go(f"/documents/{doc}")
    assert NEW_NAME in lin.text() and reading_of(agency_here, doc) == (2, "effective")
    see(lin, english, "update-6-target")
    paper = text_of(download_paper(lin, doc))
    assert NEW_NAME in paper and old not in paper
    said = text_of(download_paper(lin, update))
    assert "章*澜" in said and NEW_NAME not in said


@pytest.mark.parametrize("english", LANGUAGES)
def test_of_two_updates_of_one_revision_the_second_is_told_both_values(
    sit_here: Sit, agency_here: Running, english: bool
) -> None:
    doc = in_force(agency_here, example_one())
    lin, zhou, he = (sit_here(who, english=english) for who in (LIN, ZHOU, HE))
    updates = []
    for number in ("19900000077", "19900000088"):
        begin(lin, doc, MOBILE, number)
        complete(lin, agency_here, "contact_change")
        updates.append(send(lin))
    for update in updates:
        taken(zhou, update, "claim")
        taken(zhou, update, "approve")
    first, second = updates
    he.go(f"/documents/{second}")  # his page is older than what 周敏 does next
    taken(zhou, first, "apply")
    decide(he, "apply")

    assert re.search(r"199\*{4}0077 / 199\*{4}0088", he.text())
    assert "周敏" in he.text() and reading_of(agency_here, doc) == (2, "effective")
    see(he, english, "update-7-refused")


def reading_of(running: Running, doc: str) -> tuple[int, str]:
    assert running.services is not None
    row = reading.row_of(running.services.desk, doc)
    return row["revision"], row["state"]
