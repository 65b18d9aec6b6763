"""何信 renames a field: old documents hold no longer, so there is a witness, a lift, a major number."""

from __future__ import annotations

import json
from typing import Any

import pytest

from engine.desk import drafting, lifting, reading, version_drafts
from engine.errors import Invalid
from engine.version_ports import VersionDraft
from tests.engine.desk.office import HE, LIN, Office
from tests.engine.desk.revising import STREET, line, proposal, propose, published, street_draft

TOMORROW = "2026-03-06"
SECOND = {"regulation_version": "1.1.0", "new_version": "2.0.0"}
LIFT = {
    "form": "info_entry",
    "from": "1.1.0",
    "to": "2.0.0",
    "steps": [{"op": "rename", "at": "/statement/street_name", "to": "street"}],
}


@pytest.fixture
def second(office: Office) -> Office:
    """An office where 1.1.0 with the field `street_name` is in force."""
    published(office, proposal(line(street_draft(office))))
    return office


def _renamed(office: Office, *, lift: dict[str, Any] | None = LIFT, version: str = "2.0.0") -> VersionDraft:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry", version)
    schema = json.loads(draft.files["schema.json"])
    fields = schema["properties"]["statement"]["properties"]
    del fields["street_name"]
    fields["street"] = STREET
    texts = {"schema.json": json.dumps(schema, ensure_ascii=False)}
    for name in ("layout.json", "locale/en.json"):
        texts[name] = draft.files[name].replace("/statement/street_name", "/statement/street")
    if lift is not None:
        texts["lift.json"] = json.dumps(lift)
    return version_drafts.save(office.desk, office.actors[HE], draft.id, draft.revision, texts)


def _line(draft: VersionDraft, **more: Any) -> dict[str, Any]:
    return line(draft, **{"kind": "incompatible", "migration": "lift_on_read", **more})


def test_the_comparison_shows_a_document_that_holds_no_longer(second: Office) -> None:
    judged = version_drafts.compared(second.desk, _renamed(second))

    assert judged is not None
    verdict = judged.comparison.old_documents
    assert (verdict.verdict, verdict.has_witness, judged.smallest) == ("incompatible", True, "major")
    assert "street_name" in json.dumps(verdict.witness)


def test_a_minor_number_is_too_small_for_it(second: Office) -> None:
    draft = _renamed(second, lift={**LIFT, "to": "1.2.0"}, version="1.2.0")

    with pytest.raises(Invalid) as refused:
        propose(second, proposal(_line(draft), effective_on=TOMORROW, base=SECOND))

    assert [(one.code, one.facts.get("least")) for one in refused.value.problems] == [
        ("version.understated", "2.0.0")
    ]


def test_what_is_lifted_on_reading_needs_a_lift(second: Office) -> None:
    with pytest.raises(Invalid) as refused:
        propose(second, proposal(_line(_renamed(second, lift=None)), effective_on=TOMORROW, base=SECOND))

    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/impact/schema_changes/0/migration", "version.lift_missing")
    ]


def test_it_is_published_with_its_lift_and_old_documents_and_drafts_are_read_by_it(second: Office) -> None:
    answers = second.answers()
    answers["statement"]["street_name"] = "梧桐街道"
    old = second.submit(answers=answers).doc
    draft = drafting.begin(second.desk, second.actors[LIN], "info_entry", answers)

    published(second, proposal(_line(_renamed(second)), effective_on=TOMORROW, base=SECOND))

    second.clock.advance(hours=15)

    span = second.desk.registry.span("info_entry", "2.0.0")
    assert span.published is not None and span.published.lift != ""
    assert reading.row_of(second.desk, old)["version"] == "1.1.0"
    lifts = lifting.lifts_of(second.desk, "info_entry")
    read = lifting.lifted(second.desk, second.actors[LIN], old, "2.0.0", lifts)
    assert read.lifted.answers["statement"]["street"] == "梧桐街道"
    moved = drafting.lift(second.desk, second.actors[LIN], draft.id, draft.revision)
    assert (moved.version, moved.answers["statement"]["street"]) == ("2.0.0", "梧桐街道")
    assert "street_name" not in moved.answers["statement"]
