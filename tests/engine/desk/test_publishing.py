"""From a version draft to a version in force: agreed by departments, published by two, dated."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest

from engine.desk import publishing, reading, revisions, timekeeping, version_drafts
from engine.desk.desk import Desk
from engine.errors import Conflict, Invalid, NotAllowed, NotFound
from engine.registry.compiled import CompiledForm
from engine.registry.registry import Registry
from engine.versions.standing import IN_FORCE, PUBLISHED, RETIRED, SUPERSEDED
from tests.engine.desk.office import FANG, HE, LIN, SHEN, TANG, WANG, Office, registry
from tests.engine.desk.revising import REVISION, agreed, line, proposal, propose, published, street_draft

TODAY, TOMORROW = "2026-03-05", "2026-03-06"
DAY = date(2026, 3, 5)


def test_a_version_published_today_for_tomorrow_is_in_force_tomorrow(office: Office) -> None:
    draft = street_draft(office)
    assert version_drafts.problems(office.desk, draft) == ()

    doc = published(office, proposal(line(draft), effective_on=TOMORROW))

    held = office.desk.registry
    days = (date(2021, 1, 1), DAY, date(2026, 3, 6), date(2099, 1, 1))
    found = [held.in_force("info_entry", day).version for day in days]
    assert found == ["1.0.0", "1.0.0", "1.1.0", "1.1.0"]
    record = office.desk.journal.read(reading.row_of(office.desk, doc)["steps"][-1]["index"])
    assert record.statement()["body"] == {
        "publishes": [
            {
                "form": "info_entry",
                "version": "1.1.0",
                "sha256": held.get("info_entry", "1.1.0").digest,
                "lift": "",
                "effective_on": TOMORROW,
                "drafts": {"rule": "lift", "until": ""},
                "follows": "1.0.0",
                "clause": "R5.6.1",
            }
        ],
        "regulation": {"version": "1.1.0", "follows": "1.0.0", "effective_on": TOMORROW},
    }
    assert len(record.envelope.signatures) == 2  # the person's and the platform's


def test_the_forms_of_the_versions_are_among_those_a_revision_touches(office: Office) -> None:
    asked = proposal(line(street_draft(office)), effective_on=TOMORROW)
    kept = {**asked, "impact": {**asked["impact"], "forms": ["info_update"]}}
    del asked["impact"]["forms"]

    filled = [publishing.fill(office.desk, _revision_form(office), answers) for answers in (asked, kept)]

    assert [one["impact"]["forms"] for one in filled] == [["info_entry"], ["info_update", "info_entry"]]


def _revision_form(office: Office) -> CompiledForm:
    return office.desk.registry.in_force(REVISION, DAY)


def test_a_restart_finds_in_the_log_what_was_published(office: Office) -> None:
    doc = published(office, proposal(line(street_draft(office)), effective_on=TOMORROW))
    held = office.desk.registry

    anew = _restarted(office.desk, registry())
    revisions.load(anew)

    assert [span.form.digest for span in anew.registry.spans("info_entry")] == [
        span.form.digest for span in held.spans("info_entry")
    ]
    assert anew.registry.span("info_entry", "1.1.0").published == held.span("info_entry", "1.1.0").published
    assert held.span("info_entry", "1.1.0").published == revisions.published(office.desk)[0]
    assert revisions.published(office.desk)[0].revision == doc
    assert revisions.audit(anew) == []


def test_the_audit_misses_a_published_version_that_is_not_in_the_registry(office: Office) -> None:
    published(office, proposal(line(street_draft(office)), effective_on=TOMORROW))

    found = revisions.audit(_restarted(office.desk, registry()))

    assert [problem.code for problem in found] == ["form.registry_differs"]


def test_what_the_departments_agreed_to_is_published_although_the_draft_was_changed(office: Office) -> None:
    draft = street_draft(office)
    doc = agreed(office, proposal(line(draft), effective_on=TOMORROW))
    agreed_to = reading.answers_of(office.desk, reading.row_of(office.desk, doc))["impact"]["schema_changes"][
        0
    ]
    locale = json.loads(draft.files["locale/en.json"]) | {"/statement/street_name": "another word"}
    version_drafts.save(
        office.desk, office.actors[HE], draft.id, draft.revision, {"locale/en.json": json.dumps(locale)}
    )

    office.decide(TANG, doc, "order_publication")
    office.decide(SHEN, doc, "publish")

    assert office.desk.registry.get("info_entry", "1.1.0").digest == agreed_to["sha256"]


def test_nobody_publishes_alone_and_the_proposer_does_not_publish(office: Office) -> None:
    doc = agreed(office, proposal(line(street_draft(office)), effective_on=TOMORROW))
    office.decide(SHEN, doc, "order_publication")

    for who in (SHEN, HE):
        with pytest.raises(NotAllowed) as refused:
            office.decide(who, doc, "publish")
        assert refused.value.code == "K1"

    assert office.desk.registry.newest("info_entry") == office.desk.registry.span_on("info_entry", DAY)
    office.decide(TANG, doc, "publish")
    assert office.state(doc) == "published"


def test_publication_waits_for_every_required_department(office: Office) -> None:
    doc = propose(office, proposal(line(street_draft(office)), effective_on=TOMORROW)).doc
    office.decide(HE, doc, "send")
    for who, verb in ((WANG, "agree_last"), (TANG, "agree"), (HE, "agree")):
        with pytest.raises(NotAllowed):
            office.decide(who, doc, verb)

    office.decide(WANG, doc, "agree")
    with pytest.raises(NotAllowed):
        office.decide(WANG, doc, "agree_last")
    with pytest.raises(NotAllowed):
        office.decide(FANG, doc, "agree")
    office.decide(FANG, doc, "agree_last")

    assert office.state(doc) == "approved"


def test_a_returned_proposal_is_agreed_to_anew(office: Office) -> None:
    answers = proposal(line(street_draft(office)), effective_on=TOMORROW)
    doc = propose(office, answers).doc
    office.decide(HE, doc, "send")
    office.decide(WANG, doc, "agree")
    office.decide(FANG, doc, "disagree", {"comment": "街道名称应采用统一代码，补充说明。"})

    propose(office, answers, doc=doc, expected_head=office.head(doc))
    office.decide(HE, doc, "send")

    with pytest.raises(NotAllowed):
        office.decide(FANG, doc, "agree_last")
    office.decide(FANG, doc, "agree")
    office.decide(WANG, doc, "agree_last")
    assert office.state(doc) == "approved"


def test_an_understated_number_is_refused_with_the_least_that_would_do(office: Office) -> None:
    draft = street_draft(office, "1.0.1")

    with pytest.raises(Invalid) as refused:
        propose(office, proposal(line(draft), effective_on=TOMORROW))

    assert [(one.pointer, one.code, dict(one.facts)) for one in refused.value.problems] == [
        (
            "/impact/schema_changes/0/version",
            "version.understated",
            {"version": "1.0.1", "follows": "1.0.0", "smallest": "minor", "least": "1.1.0"},
        )
    ]


def test_a_change_of_meaning_needs_a_major_number(office: Office) -> None:
    draft = street_draft(office)

    with pytest.raises(Invalid) as refused:
        propose(office, proposal(line(draft, kind="semantic"), effective_on=TOMORROW))

    assert [one.facts["least"] for one in refused.value.problems] == ["2.0.0"]


def test_a_draft_with_problems_cannot_be_proposed(office: Office) -> None:
    draft = street_draft(office)
    schema = json.loads(draft.files["schema.json"])
    del schema["properties"]["statement"]["properties"]["street_name"]["x-class"]
    draft = version_drafts.save(
        office.desk, office.actors[HE], draft.id, draft.revision, {"schema.json": json.dumps(schema)}
    )

    with pytest.raises(Invalid) as refused:
        propose(office, proposal(line(draft), effective_on=TOMORROW))

    [problem] = refused.value.problems
    assert (problem.pointer, problem.code) == ("/impact/schema_changes/0/draft", "version_draft.problems")
    assert [one["code"] for one in problem.facts["problems"]] == ["required", "field.class"]


def test_a_day_that_passed_while_departments_thought_is_not_published_for(office: Office) -> None:
    doc = agreed(office, proposal(line(street_draft(office)), effective_on=TOMORROW))
    office.clock.advance(days=2)
    office.decide(TANG, doc, "order_publication")

    with pytest.raises(Invalid) as refused:
        office.decide(SHEN, doc, "publish")

    assert {one.code for one in refused.value.problems} == {"version.past_date"}
    assert office.state(doc) == "publication_ordered"
    assert office.desk.registry.versions("info_entry")[-1].version == "1.0.0"


def test_of_two_revisions_from_one_version_the_second_is_refused(office: Office) -> None:
    first, second = street_draft(office), street_draft(office, "1.2.0")
    later = agreed(office, proposal(line(second), effective_on="2026-03-07"))
    office.decide(TANG, later, "order_publication")
    published(office, proposal(line(first), effective_on=TOMORROW))

    with pytest.raises(Invalid) as refused:
        office.decide(SHEN, later, "publish")

    assert [one.code for one in refused.value.problems] == [
        "regulation.version_differs",
        "version.not_newest",
    ]


def test_the_day_of_publication_counts_where_none_is_named(office: Office) -> None:
    published(office, proposal(line(street_draft(office))))

    assert office.desk.registry.in_force("info_entry", DAY).version == "1.1.0"


def test_a_revision_takes_effect_on_its_day_and_is_superseded_by_the_next(office: Office) -> None:
    first = published(office, proposal(line(street_draft(office)), effective_on=TOMORROW))
    assert timekeeping.run(office.desk).transitions == 0
    office.clock.advance(days=1)
    timekeeping.run(office.desk)
    assert office.state(first) == "effective"

    wording = {"clause": "R7.4", "action": "add", "new_text": "4. 留存：修订文件永久保管。"}
    answers = proposal(base={"regulation_version": "1.1.0", "new_version": "1.1.1"}, clauses=[wording])
    answers["impact"]["forms"] = []
    doc = propose(office, answers).doc
    office.decide(HE, doc, "solicit")
    office.clock.advance(days=7)
    office.decide(HE, doc, "send", {"comment": "未收到意见，维持原稿。"})
    office.decide(WANG, doc, "agree")
    office.decide(FANG, doc, "agree_last")
    office.decide(TANG, doc, "order_publication")
    office.decide(SHEN, doc, "publish")
    timekeeping.run(office.desk)
    timekeeping.run(office.desk)

    assert (office.state(first), office.state(doc)) == ("superseded", "effective")


def test_the_text_of_any_day_can_be_read_with_the_versions_that_carry_it_out(office: Office) -> None:
    doc = published(office, proposal(line(street_draft(office)), effective_on=TOMORROW))

    before, after = (revisions.text_in_force(office.desk, day) for day in (TODAY, TOMORROW))

    assert (before.version, after.version, after.revision) == ("1.0.0", "1.1.0", doc)
    clauses = [text.clause("R5.6.1") for text in (before, after)]
    assert [one.forms for one in clauses if one is not None] == [
        (("info_entry", "1.0.0"),), (("info_entry", "1.1.0"),),
    ]  # fmt: skip


def test_a_change_of_a_clause_starts_from_its_words_and_waits_for_comments(office: Office) -> None:
    clauses = [
        {
            "clause": "R7.1",
            "action": "change",
            "old_text": "由各部门解释。",
            "new_text": "由信息管理部门解释。",
        }
    ]
    with pytest.raises(Invalid) as refused:
        propose(office, proposal(line(street_draft(office)), clauses=clauses))
    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/clauses/0/old_text", "regulation.old_text")
    ]

    clauses[0]["old_text"] = _text_of(office, "R7.1")
    doc = propose(office, proposal(line(street_draft(office)), clauses=clauses)).doc
    with pytest.raises(NotAllowed):
        office.decide(HE, doc, "send")


def test_a_version_goes_through_its_life(office: Office) -> None:
    who = office.actors[HE]
    old = office.submit().doc

    def lives() -> list[tuple[str, str]]:
        return [(one.version, one.state) for one in revisions.lives(office.desk, who, "info_entry")]

    draft = street_draft(office)
    seen = [lives()]
    doc = propose(office, proposal(line(draft), effective_on=TOMORROW)).doc
    seen.append(lives())
    office.decide(HE, doc, "send")
    office.decide(WANG, doc, "agree")
    office.decide(FANG, doc, "agree_last")
    seen.append(lives())
    office.decide(TANG, doc, "order_publication")
    office.decide(SHEN, doc, "publish")
    seen.append(lives())
    office.clock.advance(days=1)
    seen.append(lives())
    office.decide(LIN, old, "withdraw", {"comment": "重复提交，撤回。"})
    seen.append(lives())

    assert seen == [
        [("1.1.0", "draft"), ("1.0.0", IN_FORCE)],
        [("1.1.0", "proposed"), ("1.0.0", IN_FORCE)],
        [("1.1.0", "approved"), ("1.0.0", IN_FORCE)],
        [("1.1.0", PUBLISHED), ("1.0.0", IN_FORCE)],
        [("1.1.0", IN_FORCE), ("1.0.0", SUPERSEDED)],
        [("1.1.0", IN_FORCE), ("1.0.0", RETIRED)],
    ]


def test_a_proposal_names_a_draft_that_exists(office: Office) -> None:
    draft = street_draft(office)
    version_drafts.discard(office.desk, office.actors[HE], draft.id)

    with pytest.raises(Invalid) as refused:
        propose(office, proposal(line(draft), effective_on=TOMORROW))

    assert {one.pointer for one in refused.value.problems} == {
        f"/impact/schema_changes/0/{name}" for name in ("form", "sha256", "version")
    }


def test_a_version_that_was_never_published_is_not_found(office: Office) -> None:
    street_draft(office)

    with pytest.raises(NotFound):
        office.desk.registry.span("info_entry", "1.1.0")


def test_one_form_is_changed_once_in_a_proposal(office: Office) -> None:
    first, second = street_draft(office), street_draft(office, "1.2.0")

    with pytest.raises(Invalid) as refused:
        propose(office, proposal(line(first), line(second), effective_on=TOMORROW))

    assert [one.code for one in refused.value.problems] == ["version.twice"]


def test_who_loses_the_race_publishes_nothing(office: Office) -> None:
    doc = agreed(office, proposal(line(street_draft(office)), effective_on=TOMORROW))
    office.decide(TANG, doc, "order_publication")
    head = office.head(doc)
    office.decide(SHEN, doc, "publish")

    with pytest.raises(Conflict) as late:
        office.decide(SHEN, doc, "publish", head=head)

    assert late.value.code == "document.changed"
    assert len(revisions.published(office.desk)) == 1


def _text_of(office: Office, clause: str) -> str:
    found = revisions.text_in_force(office.desk, TODAY).clause(clause)
    assert found is not None
    return found.text


def _restarted(desk: Desk, held: Registry) -> Desk:
    values: dict[str, Any] = {name: getattr(desk, name) for name in Desk.__slots__}
    return Desk(**{**values, "registry": held})
