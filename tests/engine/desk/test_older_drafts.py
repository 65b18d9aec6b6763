"""林小燕 began an entry before a new version came into force: she finishes it, moves it, or begins anew."""

from __future__ import annotations

import pytest

from engine.desk import drafting, reading, submitting
from engine.errors import Conflict
from engine.ports import StoredDraft
from tests.engine.desk.office import LIN, ZHOU, Office
from tests.engine.desk.revising import line, proposal, published, street_draft

TOMORROW = "2026-03-06"


def _begun(office: Office, **rule: str) -> StoredDraft:
    """A draft of today, and a version in force from tomorrow with this rule for drafts."""
    draft = drafting.begin(office.desk, office.actors[LIN], "info_entry", office.answers())
    published(office, proposal(line(street_draft(office), **rule), effective_on=TOMORROW))
    return draft


def _file(office: Office, draft: StoredDraft) -> str:
    wanted = submitting.Submission(
        "info_entry",
        dict(draft.answers),
        draft.id,
        draft.version,
        draft_id=draft.id,
        created_at=draft.created_at,
        confirmed=frozenset({"V11.late"}),
    )
    return submitting.submit(office.desk, office.actors[LIN], wanted, office.unlocks[LIN]).wait(1).version


def test_todays_draft_finishes_under_its_own_version_until_the_day(office: Office) -> None:
    draft = _begun(office, drafts="finish", drafts_until="2026-03-31")
    office.clock.advance(hours=15)  # one in the morning in Shanghai: the day has come there, not in UTC

    assert drafting.rule_of(office.desk, draft) == "finish"
    assert _file(office, draft) == "1.0.0"
    assert drafting.begin(office.desk, office.actors[LIN], "info_entry").version == "1.1.0"


def test_after_the_day_it_has_to_be_begun_anew(office: Office) -> None:
    draft = _begun(office, drafts="finish", drafts_until="2026-03-31")
    office.clock.advance(days=27)

    with pytest.raises(Conflict) as refused:
        _file(office, draft)

    assert (refused.value.code, refused.value.facts) == (
        "draft.begin_anew",
        {"version": "1.0.0", "in_force": "1.1.0"},
    )


def test_a_draft_is_lifted_and_then_filed_under_the_new_version(office: Office) -> None:
    draft = _begun(office, drafts="lift")
    office.clock.advance(hours=15)
    with pytest.raises(Conflict) as refused:
        _file(office, draft)
    assert refused.value.code == "draft.must_be_lifted"

    lifted = drafting.lift(office.desk, office.actors[LIN], draft.id, draft.revision)

    assert (lifted.version, lifted.answers) == ("1.1.0", draft.answers)
    assert lifted.notes["lifted"] == {"from": "1.0.0", "unknown": [], "dropped": []}
    assert _file(office, lifted) == "1.1.0"


def test_where_a_meaning_changes_the_draft_is_not_lifted(office: Office) -> None:
    draft = _begun(office, drafts="anew")
    office.clock.advance(days=1)

    with pytest.raises(Conflict) as refused:
        drafting.lift(office.desk, office.actors[LIN], draft.id, draft.revision)

    assert refused.value.code == "draft.begin_anew"


def test_nobody_files_under_an_old_version_without_a_draft_of_it(office: Office) -> None:
    _begun(office, drafts="finish", drafts_until="2026-03-31")
    office.clock.advance(days=1)

    with pytest.raises(Conflict) as refused:
        office.submit(version="1.0.0")

    assert refused.value.code == "version.not_in_force"


def test_a_correction_stays_on_the_version_the_document_was_signed_with(office: Office) -> None:
    doc = office.submit().doc
    published(office, proposal(line(street_draft(office)), effective_on=TOMORROW))
    office.clock.advance(days=1)
    office.decide(ZHOU, doc, "claim")
    marks = [{"pointer": "/insured/full_name", "text": "与证件核对"}]
    office.decide(ZHOU, doc, "return", {"comment": "请核对姓名。", "marks": marks, "no_interest": True})
    draft = drafting.correct(office.desk, office.actors[LIN], doc)

    assert (draft.version, drafting.rule_of(office.desk, draft)) == ("1.0.0", "")
    receipt = office.submit(
        answers=dict(draft.answers),
        doc=doc,
        expected_head=office.head(doc),
        confirmed=frozenset({"V11.late"}),
    )
    assert (receipt.version, reading.row_of(office.desk, doc)["version"]) == ("1.0.0", "1.0.0")
