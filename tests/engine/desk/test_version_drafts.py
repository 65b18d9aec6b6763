"""Two information managers write the next version of a form; 林小燕 has no part in it."""

from __future__ import annotations

import json

import pytest

from engine.desk import version_drafts
from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from tests.engine.desk.office import HE, LIN, SHEN, Office
from tests.engine.desk.revising import street_draft


def test_a_draft_begins_with_everything_of_the_version_it_follows(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")

    assert (draft.version, draft.follows, draft.revision) == ("1.1.0", "1.0.0", 1)
    assert {"schema.json", "states.json", "layout.json", "locale/en.json", "CHANGES.md"} < set(draft.files)
    assert version_drafts.problems(office.desk, draft) == ()


def test_only_information_management_writes_versions(office: Office) -> None:
    for act in (version_drafts.begin, version_drafts.open_draft):
        with pytest.raises(NotAllowed) as refused:
            act(office.desk, office.actors[LIN], "info_entry")
        assert refused.value.code == "version_draft.role"


def test_of_two_who_save_at_once_the_later_sees_both_texts(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")
    theirs = version_drafts.save(office.desk, office.actors[SHEN], draft.id, 1, {"CHANGES.md": "沈青写"})

    with pytest.raises(Conflict) as late:
        version_drafts.save(office.desk, office.actors[HE], draft.id, 1, {"CHANGES.md": "何信写"})

    facts = late.value.facts
    assert (late.value.code, facts["revision"]) == ("version_draft.changed", 2)
    assert (facts["files_theirs"], facts["files_yours"]) == (
        {"CHANGES.md": "沈青写"},
        {"CHANGES.md": "何信写"},
    )
    assert facts["saved_by"] == office.actors[SHEN].person
    assert version_drafts.open_draft(office.desk, office.actors[HE], draft.id) == theirs


def test_a_text_that_is_no_json_is_kept_and_its_place_is_said(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")

    saved = version_drafts.save(
        office.desk, office.actors[HE], draft.id, 1, {"layout.json": '{\n  "sections": [}\n'}
    )

    [problem] = version_drafts.problems(office.desk, saved)
    assert (problem.facts["file"], problem.facts["line"], problem.facts["column"]) == ("layout.json", 2, 16)
    assert saved.files["layout.json"] == '{\n  "sections": [}\n'


def test_an_expression_that_does_not_compile_is_named_with_its_place(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")
    schema = json.loads(draft.files["schema.json"])
    schema["x-rules"][0]["rule"] = "has(data.entry) && ("

    saved = version_drafts.save(
        office.desk, office.actors[HE], draft.id, 1, {"schema.json": json.dumps(schema)}
    )

    [problem] = version_drafts.problems(office.desk, saved)
    assert (problem.pointer, problem.code, problem.facts["file"]) == (
        "/x-rules/0/rule",
        "expression.syntax",
        "schema.json",
    )
    assert {"line", "column"} <= set(problem.facts)


def test_states_that_strand_a_document_are_a_problem(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")
    states = json.loads(draft.files["states.json"])
    states["system"] = [one for one in states["system"] if one["name"] != "archive"]

    saved = version_drafts.save(
        office.desk, office.actors[HE], draft.id, 1, {"states.json": json.dumps(states)}
    )

    assert "state.dead_end" in {one.code for one in version_drafts.problems(office.desk, saved)}


def test_the_number_in_the_schema_is_that_of_the_draft(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")

    saved = version_drafts.save(office.desk, office.actors[HE], draft.id, 1, {}, version="1.2.0")

    assert [(one.pointer, one.code) for one in version_drafts.problems(office.desk, saved)] == [
        ("/x-version", "version.differs")
    ]


def test_a_lift_between_other_versions_is_a_problem(office: Office) -> None:
    draft = street_draft(office)
    lift = {"form": "info_entry", "from": "0.9.0", "to": "1.1.0", "steps": []}

    saved = version_drafts.save(
        office.desk, office.actors[HE], draft.id, draft.revision, {"lift.json": json.dumps(lift)}
    )

    assert [one.code for one in version_drafts.problems(office.desk, saved)] == ["lift.versions"]


def test_a_file_that_belongs_to_no_version_is_refused(office: Office) -> None:
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry")

    for name in ("../agency.json", "examples/../x.json", "logo.svg", "examples/ok-1/2.json"):
        with pytest.raises(Invalid):
            version_drafts.save(office.desk, office.actors[HE], draft.id, 1, {name: "{}"})


def test_several_drafts_live_side_by_side_and_one_can_be_thrown_away(office: Office) -> None:
    who = office.actors[HE]
    first, second = (version_drafts.begin(office.desk, who, "info_entry", n) for n in ("1.1.0", "2.0.0"))

    version_drafts.discard(office.desk, who, first.id)

    assert [one.id for one in version_drafts.all_drafts(office.desk, who)] == [second.id]
    with pytest.raises(NotFound):
        version_drafts.open_draft(office.desk, who, first.id)


def test_a_new_form_begins_empty_and_says_what_it_lacks(office: Office) -> None:
    draft = version_drafts.begin_new(office.desk, office.actors[HE], "home_visit", "上门登记表")

    assert (draft.version, draft.follows) == ("1.0.0", "")
    assert version_drafts.problems(office.desk, draft) != ()
    for form, refusal in (("info_entry", Conflict), ("Info Entry", Invalid)):
        with pytest.raises(refusal):
            version_drafts.begin_new(office.desk, office.actors[HE], form, "表")


def test_the_comparison_says_what_a_draft_does_to_old_documents(office: Office) -> None:
    office.submit()

    judged = version_drafts.compared(office.desk, street_draft(office))

    assert judged is not None
    found = judged.comparison
    assert (found.old_documents.verdict, judged.smallest) == ("compatible", "minor")
    assert found.process.standing == 1
