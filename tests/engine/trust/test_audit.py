"""The audit finds in a whole journal what a verifier finds in one document, and what only the whole shows."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import Invalid
from engine.trust import audit, canonical, checkpoint, identifiers, root, snapshot, statement
from engine.trust.envelope import EVENT
from engine.trust.log import Tree
from tests.engine.trust.agency import (
    DOC,
    FORM,
    FORM_DIGEST,
    LIN,
    LOG,
    ORIGIN,
    PEOPLE,
    PLATFORM,
    TRUST,
    WANG,
    ZHOU,
    Agency,
    Stored,
    StoredPart,
    key_of,
    person_entry,
    secret,
    signed_by,
    with_a_document,
)

ROOTS = root.walk(root.read_trust_file(TRUST))


def audited(agency: Agency, notes: list[str] | None = None, people: Any = None) -> list[tuple[str, Any]]:
    found = audit.audit(
        agency.records,
        trust=ROOTS,
        forms=lambda digest: FORM if digest == FORM_DIGEST else None,
        people=people or (lambda one: agency.snapshots[one.version - 1][1]),
        checkpoints=notes if notes is not None else [agency.note()],
    )
    return [(one.code, one.facts["index"]) for one in found]


def test_a_sound_journal_has_no_problem_and_the_tree_comes_back() -> None:
    agency, tree = with_a_document(), Tree()
    agency.people = [*PEOPLE]
    agency.publish_snapshot()
    found = audit.audit(
        agency.records,
        trust=ROOTS,
        forms=lambda _: FORM,
        people=lambda _: PEOPLE,
        checkpoints=[agency.note()],
        tree=tree,
    )
    assert list(found) == []
    assert tree.root() == agency.tree.root()


def test_of_a_record_passed_to_another_audit_the_leaf_still_counts() -> None:
    agency = with_a_document()
    shared: list[Any] = [
        audit.Passed(one.index, agency.tree.leaf(one.index)) if one.index > 1 else one
        for one in agency.records
    ]
    wrong = [*shared[:3], audit.Passed(3, bytes(32)), *shared[4:]]
    late = [*shared[:3], audit.Passed(4, agency.tree.leaf(3)), *shared[4:]]

    def found(records: list[Any]) -> list[tuple[str, Any]]:
        problems = audit.audit(
            records, trust=ROOTS, forms=lambda _: FORM, checkpoints=[agency.note()],
            people=lambda one: agency.snapshots[one.version - 1][1],
        )  # fmt: skip
        return [(one.code, one.facts["index"]) for one in problems]

    assert found(shared) == []
    assert found(wrong) == [("audit.root", 5)]
    assert found(late) == [("audit.index", 4)]


def test_an_edited_a_lost_and_a_doubled_record_show() -> None:
    agency = with_a_document()
    note = agency.note()
    agency.records[2] = replace(agency.records[2], received_at="2026-11-22T06:45:01Z")
    assert audited(agency, [note]) == [("audit.root", 5)]
    agency = with_a_document()
    del agency.records[3]
    assert ("audit.index", 4) in audited(agency, [note])
    agency = with_a_document()
    del agency.records[4]
    assert audited(agency, [note]) == [("audit.records_missing", 4)]


def test_an_event_that_is_logged_twice_is_a_replay() -> None:
    agency = with_a_document()
    agency.log(agency.records[2].envelope)
    assert ("audit.replay", 5) in audited(agency)


def test_changed_sealed_bytes_show_without_any_key() -> None:
    agency = with_a_document()
    first = agency.records[1]
    part = first.parts[0]
    damaged = StoredPart(part.n, part.nonce, part.ct[:-1] + bytes((part.ct[-1] ^ 1,)))
    agency.records[1] = Stored(first.index, first.envelope, first.received_at, (damaged, *first.parts[1:]))
    assert audited(agency) == [("audit.part", 1)]


def test_people_that_are_not_those_the_registrar_signed_show() -> None:
    agency = with_a_document()
    other = [person_entry(LIN), person_entry(ZHOU, key_key=key_of("stranger").public_key.hex())]
    assert ("audit.people", 0) in audited(agency, people=lambda _: other)
    assert ("identity.key", 2) in audited(agency, people=lambda _: other)


def register_of(**changes: Any) -> list[Any]:
    """The people, 小林's key or grant told otherwise than before."""
    return [person_entry(LIN, **changes), *PEOPLE[1:]]


NO_FORM = statement.FormRef("none", "0.0.0", "0" * 64)
WANG_LATE = person_entry(WANG, key_valid_from_index=5, grant_valid_from_index=5)
ENDED = register_of(key_valid_to_index=5)


@pytest.mark.parametrize(
    ("before", "after", "codes"),
    [
        (PEOPLE[:2], [*PEOPLE[:2], WANG_LATE], []),
        (PEOPLE[:2], PEOPLE, ["audit.back_dated"] * 2),  # a key and a grant for a time that is over
        (PEOPLE, register_of(key_valid_to_index=5), []),
        (PEOPLE, register_of(key_valid_to_index=4), ["audit.back_dated"]),
        (PEOPLE, register_of(grant_valid_to_index=1), ["audit.back_dated"]),
        (PEOPLE, register_of(grant_valid_from_index=1), ["audit.back_dated"]),
        (PEOPLE, register_of(key_suspect_since_index=2), []),
        (register_of(key_suspect_since_index=2), PEOPLE, ["audit.rewritten"]),
        (PEOPLE, register_of(grant_role="auditor"), ["audit.rewritten"]),
        (PEOPLE, PEOPLE[1:], ["audit.rewritten"]),
        (PEOPLE, [{**PEOPLE[0], "grants": []}, *PEOPLE[1:]], ["audit.rewritten"]),
        (PEOPLE, [{**PEOPLE[0], "keys": PEOPLE[0]["keys"] * 2}, *PEOPLE[1:]], ["audit.rewritten"]),
    ],
)
def test_a_register_that_speaks_about_the_past_shows(before: Any, after: Any, codes: list[str]) -> None:
    agency = Agency(people=list(before))
    agency.publish_snapshot()
    for number in range(4):
        doc = identifiers.doc_id(secret(f"other {number}", 16))
        agency.act(doc, "platform", "", "", "", type="grant.add", form=NO_FORM)
    agency.people = list(after)
    agency.publish_snapshot()
    found = [one for one in audited(agency) if one[0] in ("audit.back_dated", "audit.rewritten")]
    assert found == [(code, 5) for code in codes]


def test_a_key_that_ended_never_begins_again() -> None:
    agency = with_a_document()
    for people in (ENDED, PEOPLE):
        agency.people = list(people)
        agency.publish_snapshot()
    assert audited(agency) == [("audit.back_dated", 6)]


def test_a_snapshot_out_of_turn_shows() -> None:
    agency = with_a_document()
    agency.publish_snapshot(version=3)
    agency.snapshots.append(agency.snapshots[-1])
    assert ("order.snapshots", 5) in audited(agency)


def test_a_fork_signed_by_the_log_key_shows_against_the_records() -> None:
    agency = with_a_document()
    fork = checkpoint.sign(checkpoint.encode_checkpoint(ORIGIN, 5, bytes(32)), ORIGIN, LOG)
    assert audited(agency, [fork]) == [("audit.root", 5)]


def test_a_payload_that_is_no_statement_shows_and_the_audit_goes_on() -> None:
    agency = with_a_document()
    agency.records.append(Stored(5, signed_by([PLATFORM], EVENT, b"{}"), "2026-11-22T06:45:00Z"))
    assert audited(agency) == [("audit.unreadable", 5)]


SOUND = Agency().statement(DOC, LIN, "submit", "draft", "submitted")


@pytest.mark.parametrize(
    "changes",
    [
        {"seq": 0},
        {"prev": "0" * 64},
        {"time": "2026-11-22T06:45:00+08:00"},
        {"nonce": "x"},
        {"suite": "L0"},
        {"origin": "a b"},
        {"header": {"name": "张文兰"}},
        {"header": {"revision": 0}},
        {"auth": {"method": "a b"}},
        {"saw": {"events": ["x"]}},
        {"anchor": {"size": -1}},
        {"source": "a/b"},
        {"doc": ""},
        {"parts": (statement.PartRef(1, "identity", "0" * 64, 1, "0" * 64, 300, "0" * 64),)},
        {"parts": (statement.PartRef(0, "secret", "0" * 64, 1, "0" * 64, 300, "0" * 64),)},
        {"attachments": (statement.AttachmentRef("F/1", "other", "0" * 64, 1, "0" * 64, "0" * 64),)},
        {"body": {"x": 1.5}},
    ],
)
def test_a_malformed_statement_is_never_signed(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        statement.build(replace(SOUND, **changes))


def test_a_statement_reads_back_as_it_was_built_and_unknown_members_are_refused() -> None:
    data = statement.build(SOUND)
    assert statement.read(data) == SOUND
    value = canonical.parse(data)
    bads: list[Any] = [
        {**value, "x": 1},
        {k: v for k, v in value.items() if k != "saw"},
        {**value, "v": 2},
        {**value, "actor": {**value["actor"], "name": "x"}},
        [],
    ]
    for bad in bads:
        with pytest.raises(Invalid):
            statement.read(canonical.encode(bad))
    with pytest.raises(Invalid):
        statement.read(data.replace(b'"seq":1', b'"seq": 1'))


def test_a_person_is_in_the_tree_once_and_proves_alone() -> None:
    people = [person_entry(LIN), person_entry(ZHOU)]
    data = snapshot.payload(
        origin=ORIGIN,
        version=1,
        prev="",
        issued_at="2026-11-22T00:00:00Z",
        expires="2026-12-22T00:00:00Z",
        root_version=1,
        people=people,
    )
    one = snapshot.read(data)
    (proven,) = snapshot.prove_people(people[::-1], [ZHOU])
    assert snapshot.read_proven_person(proven.to_json(), one).person == ZHOU
    with pytest.raises(Invalid):
        snapshot.read_proven_person({**proven.to_json(), "index": 0}, one)
    with pytest.raises(Invalid):
        snapshot.people_leaves([*people, person_entry(LIN)])
    with pytest.raises(Invalid):
        snapshot.read_person(person_entry(LIN, key_key=bytes(32).hex()))


def test_records_of_keys_and_grants_need_no_form() -> None:
    agency = with_a_document()
    plain = {
        "type": "grant.add",
        "form": statement.FormRef("none", "0.0.0", "0" * 64),
        "parts": (),
    }
    agency.act(identifiers.doc_id(secret("other", 16)), "platform", "", "", "", **plain)
    assert audited(agency) == []
