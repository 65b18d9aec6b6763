"""One trap, one test: what an attacker or an accident would do to a bundle, and the verdict it meets."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from engine.trust import checkpoint, head, identifiers, root, statement, tlogproof
from engine.trust.envelope import EVENT, HEAD, Envelope
from engine.trust.statement import ActorRef, FormRef
from engine.trust.verify import verify
from tests.engine.trust.agency import (
    DOC,
    EXPIRES,
    LIN,
    LOG,
    ORIGIN,
    PLATFORM,
    REGISTRARS,
    TRUST,
    WANG,
    ZHOU,
    Agency,
    key_of,
    person_entry,
    root_envelope,
    root_value,
    signed_by,
    with_a_document,
)
from tests.engine.trust.judging import (
    APPROVE,
    CLAIM,
    GOOD,
    NOW,
    SUBMIT,
    WORLD,
    agency_where,
    codes,
    judged,
    rebuilt,
)


def test_a_changed_value_is_found() -> None:
    def change(value: dict[str, Any]) -> None:
        value["disclosures"][0]["value"] = "李四"

    assert judged(rebuilt(WORLD, change)) == {"integrity": "integrity.disclosure", "freshness": "not_judged"}


def test_a_value_disclosed_as_another_part_is_found() -> None:
    def change(value: dict[str, Any]) -> None:
        value["disclosures"][0]["part"] = 7

    assert judged(rebuilt(WORLD, change))["integrity"] == "integrity.disclosure_place"


def test_an_agency_of_the_same_name_with_its_own_root_is_not_the_one_trusted_here() -> None:
    impostors = [key_of(f"impostor {number}") for number in (1, 2)]
    value = root_value()
    value["root"] = {
        "threshold": 2,
        "keys": [{"key": one.public_key.hex(), "suite": "L1"} for one in impostors],
    }
    agency = with_a_document()
    agency.trust = root.trust_file([root_envelope(value, impostors)])
    report = verify(agency.bundle(DOC), TRUST, now=NOW)
    assert codes(report) == {"identity": "identity.other_root"}
    assert report.outcome == "bad"


def test_a_signature_made_with_public_material_only_is_refused() -> None:
    agency = agency_where()
    one = agency.statement(DOC, LIN, "submit", "draft", "submitted")
    honest = signed_by([key_of(LIN), PLATFORM], EVENT, statement.build(one))
    forged = replace(honest.signatures[0], signature=bytes(64))
    agency.log(Envelope(EVENT, honest.payload, (forged, honest.signatures[1])))
    assert judged(agency.bundle(DOC)) == {"integrity": "integrity.signature"}


def test_a_foreign_key_under_the_victims_name_is_refused() -> None:
    agency = agency_where()
    stranger = key_of("stranger")
    one = agency.statement(DOC, LIN, "submit", "draft", "submitted")
    for named in (one.actor.key, identifiers.kid(stranger.public_key)):
        copy = Agency()
        copy.publish_snapshot()
        said = replace(one, actor=replace(one.actor, key=named))
        copy.log(signed_by([stranger, PLATFORM], EVENT, statement.build(said)))
        assert judged(copy.bundle(DOC))["identity"] == "identity.key"


def test_an_event_without_the_platforms_attestation_or_with_a_strange_signature_is_refused() -> None:
    for signers in (
        [key_of(LIN)],
        [key_of(LIN), key_of("stranger")],
        [key_of(LIN), PLATFORM, key_of("stranger")],
    ):
        agency = agency_where()
        one = agency.statement(DOC, LIN, "submit", "draft", "submitted")
        agency.log(signed_by(signers, EVENT, statement.build(one)))
        assert judged(agency.bundle(DOC)) == {"identity": "identity.platform"}


def test_the_same_signature_twice_is_refused() -> None:
    agency = agency_where()
    one = agency.statement(DOC, LIN, "submit", "draft", "submitted")
    agency.log(signed_by([key_of(LIN), PLATFORM, PLATFORM], EVENT, statement.build(one)))
    assert judged(agency.bundle(DOC)) == {"integrity": "integrity.repeated_signature"}


def test_nobody_judges_their_own_work() -> None:
    people = [person_entry(LIN), person_entry(ZHOU)]
    people[0]["grants"].append({**people[1]["grants"][0], "id": "g_second"})
    both = {"actor": ActorRef(LIN, "auditor", "audit", identifiers.kid(key_of(LIN).public_key), "g_second")}
    agency = agency_where(SUBMIT, (LIN, "claim", "submitted", "under_review", both), people=people)
    assert judged(agency.bundle(DOC)) == {"authority": "authority.own_work"}


def test_the_collector_cannot_review_either() -> None:
    header = {"collector": ZHOU, "doc_id": "x"}
    agency = agency_where((*SUBMIT, {"header": header}), CLAIM)
    assert judged(agency.bundle(DOC)) == {"authority": "authority.own_work"}


def test_only_who_claimed_it_may_decide() -> None:
    agency = agency_where(SUBMIT, CLAIM, (WANG, "approve", "under_review", "approved"))
    assert judged(agency.bundle(DOC)) == {"authority": "authority.not_same"}


def test_a_role_that_may_not_take_the_step_is_found() -> None:
    agency = agency_where(SUBMIT, (LIN, "claim", "submitted", "under_review"))
    assert judged(agency.bundle(DOC))["authority"] == "authority.role"
    agency = agency_where((ZHOU, "submit", "draft", "submitted"))
    assert judged(agency.bundle(DOC))["authority"] == "authority.role"
    agency = agency_where(SUBMIT, ("platform", "claim", "submitted", "under_review"))
    assert judged(agency.bundle(DOC)) == {"authority": "authority.role"}


@pytest.mark.parametrize(
    ("changes", "verdicts"),
    [
        ({"key_valid_to_index": 2}, {"authority": "authority.key"}),
        ({"key_valid_from_index": 3}, {"authority": "authority.key"}),
        ({"key_suspect_since_index": 2}, {"authority": "authority.suspect"}),
        ({"key_suspect_since_index": 3}, {}),
        ({"grant_valid_to_index": 2}, {"authority": "authority.grant"}),
        ({"grant_role": "department_head"}, {"authority": "authority.grant"}),
        ({"grant_unit": "claims"}, {"authority": "authority.grant"}),
        ({"grant_id": "g_other"}, {"authority": "authority.grant"}),
        # An expired key does not spoil what was signed while it was valid.
        ({"key_valid_to_index": 3, "grant_valid_to_index": 3, "key_reason": "left"}, {}),
    ],
)
def test_keys_and_grants_are_valid_by_log_index(changes: dict[str, Any], verdicts: dict[str, str]) -> None:
    agency = agency_where(SUBMIT, CLAIM, people=[person_entry(LIN), person_entry(ZHOU, **changes)])
    assert judged(agency.bundle(DOC)) == verdicts


def test_a_person_the_bundle_does_not_prove_is_nobody() -> None:
    def change(value: dict[str, Any]) -> None:
        value["snapshots"][0]["people"] = value["snapshots"][0]["people"][1:]

    found = judged(rebuilt(WORLD, change))
    assert found["identity"] == "identity.person"

    def swap(value: dict[str, Any]) -> None:
        value["snapshots"][0]["people"][0]["entry"]["keys"][0]["key"] = key_of("stranger").public_key.hex()

    assert judged(rebuilt(WORLD, swap))["integrity"] == "integrity.malformed"


def test_a_snapshot_signed_by_too_few_registrars_counts_for_nothing() -> None:
    value = root_value()
    value["registrar"]["threshold"] = 2
    trust = root.trust_file([root_envelope(value)])
    for signers in (REGISTRARS[:1], [REGISTRARS[0], REGISTRARS[0]], [REGISTRARS[0], key_of("stranger")]):
        agency = Agency(trust=trust)
        agency.publish_snapshot(signers)
        agency.act(DOC, *SUBMIT)
        assert judged(agency.bundle(DOC), trust)["identity"] == "identity.snapshot"
    agency = Agency(trust=trust)
    agency.publish_snapshot(REGISTRARS)
    agency.act(DOC, *SUBMIT)
    assert judged(agency.bundle(DOC), trust) == {}


def test_a_gap_a_foreign_predecessor_and_a_wrong_state_are_found() -> None:
    agency = agency_where(SUBMIT, (*CLAIM, {"seq": 3}))
    assert judged(agency.bundle(DOC))["order"] == "order.gap"
    agency = agency_where(SUBMIT, (*CLAIM, {"prev": "0" * 64}))
    assert judged(agency.bundle(DOC)) == {"order": "order.prev"}
    agency = agency_where(SUBMIT, APPROVE)
    assert judged(agency.bundle(DOC))["order"] == "order.state"
    agency = agency_where(SUBMIT, (ZHOU, "claim", "submitted", "approved"))
    assert judged(agency.bundle(DOC))["order"] == "order.transition"
    agency = agency_where(SUBMIT, (*CLAIM, {"form": FormRef("info_entry", "1.0.0", "1" * 64)}))
    assert judged(agency.bundle(DOC))["order"] == "order.form_missing"


def test_a_bundle_that_leaves_out_the_last_event_contradicts_the_head_statement() -> None:
    def change(value: dict[str, Any]) -> None:
        value["events"] = value["events"][:-1]

    assert judged(rebuilt(WORLD, change)) == {"order": "order.head"}


def test_a_head_statement_by_somebody_else_is_refused() -> None:
    said = head.Head(ORIGIN, DOC, "0" * 64, 4, "effective", len(WORLD.tree))

    def change(value: dict[str, Any]) -> None:
        value["head"] = signed_by([key_of(LIN)], HEAD, head.payload(said)).to_json()

    assert judged(rebuilt(WORLD, change))["order"] == "order.head_signature"


def test_a_signature_for_one_type_is_none_for_another() -> None:
    def change(value: dict[str, Any]) -> None:
        value["head"]["payloadType"] = EVENT

    assert judged(rebuilt(WORLD, change))["order"] == "order.head"


def test_a_type_or_a_suite_that_is_not_allowed_is_refused() -> None:
    trust = root.trust_file([root_envelope(root_value(payload_types=[HEAD, EVENT]))])
    agency = Agency(trust=trust)
    agency.publish_snapshot()
    agency.act(DOC, *SUBMIT)
    assert judged(agency.bundle(DOC), trust)["integrity"] == "integrity.payload_type"
    assert judged(GOOD, suites=("CN1",))["integrity"] == "integrity.suite"


def test_a_checkpoint_by_another_key_or_for_another_log_is_refused() -> None:
    tree = WORLD.tree
    for origin, key, verdict, code in (
        (ORIGIN, key_of("stranger"), "integrity", "integrity.checkpoint_signature"),
        ("other.example/log", LOG, "order", "order.origin"),
    ):
        note = checkpoint.sign(checkpoint.encode_checkpoint(origin, len(tree), tree.root()), origin, key)

        def change(value: dict[str, Any], note: str = note) -> None:
            value["checkpoint"] = note

        assert judged(rebuilt(WORLD, change))[verdict] == code


def test_an_event_that_is_not_in_the_log_is_found_and_a_leaf_is_never_taken_from_the_bundle() -> None:
    def later(value: dict[str, Any]) -> None:
        value["events"][0]["received_at"] = "2026-11-22T06:45:01Z"

    assert judged(rebuilt(WORLD, later))["integrity"] == "integrity.not_in_log"

    def elsewhere(value: dict[str, Any]) -> None:
        proof = tlogproof.parse(value["events"][0]["proof"])
        value["events"][0]["proof"] = tlogproof.encode(proof.index + 1, proof.proof, proof.note)

    assert judged(rebuilt(WORLD, elsewhere))["integrity"] == "integrity.not_in_log"

    def stripped(value: dict[str, Any]) -> None:
        value["events"][0]["envelope"]["signatures"].pop()

    assert judged(rebuilt(WORLD, stripped))["integrity"] == "integrity.not_in_log"


def test_a_quorum_of_witnesses_is_asked_for_when_the_root_says_so() -> None:
    witness = key_of("witness")
    vkey = checkpoint.VerifierKey("w.example", checkpoint.TYPE_COSIGNATURE, witness.public_key).text()
    trust = root.trust_file([root_envelope(root_value(witness_policy=f"witness w {vkey}\nquorum w\n"))])
    agency = Agency(trust=trust)
    agency.publish_snapshot()
    agency.act(DOC, *SUBMIT)
    assert judged(agency.bundle(DOC), trust) == {"order": "order.quorum"}
    note = agency.note()
    cosigned = note + checkpoint.cosign(note, "w.example", witness, 1_795_330_000)
    agency.note = lambda: cosigned  # type: ignore[method-assign]
    report = verify(agency.bundle(DOC), trust, now=NOW)
    assert codes(report) == {}
    assert (report.log["witnesses"], report.log["witnessed_at"]) == (["w.example"], "2026-11-22T06:46:40Z")


def test_expired_files_make_the_answer_hold_as_of_then() -> None:
    after = datetime(2027, 6, 1, tzinfo=UTC)
    assert codes(verify(GOOD, TRUST, now=after)) == {"freshness": "freshness.snapshot_expired"}
    assert verify(GOOD, TRUST, now=after).verdict("freshness").facts == {"as_of": EXPIRES}
    before = datetime(2026, 11, 1, tzinfo=UTC)
    assert codes(verify(GOOD, TRUST, now=before)) == {"freshness": "freshness.clock"}


def test_an_older_state_than_the_verifier_has_seen_is_a_rollback() -> None:
    assert judged(GOOD, min_snapshot_version=2) == {"freshness": "freshness.older_snapshot"}
    assert judged(GOOD, min_root_version=2) == {"freshness": "freshness.older_root"}
    assert judged(GOOD, min_checkpoint_size=6) == {"freshness": "freshness.older_checkpoint"}
