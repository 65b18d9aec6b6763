"""Keys that turn, end, fall into other hands; rights that take two people to give and one to take."""

from __future__ import annotations

import json

import pytest

from engine.desk import ending, inviting, keys, people, proving, reading, reaffirming
from engine.errors import Conflict, NeedsUnlock, NotAllowed, NotFound, Refused
from engine.lifecycle.people import Actor
from engine.trust import root, snapshot
from engine.trust.audit import audit
from engine.trust.envelope import Envelope
from tests.engine.desk.administration import (
    GUO,
    HU,
    MA,
    account,
    enter,
    judged,
    key_entry,
    person,
    with_administrators,
)
from tests.engine.desk.office import LIN, TICKS, WU, ZHAO, ZHOU, Office
from tests.simulators.memory_vault import MemoryVault


@pytest.fixture(autouse=True)
def _administrators(office: Office) -> None:
    with_administrators(office)


def verdicts(office: Office, doc: str) -> dict[str, str]:
    return {one.name: one.code for one in judged(office, doc).verdicts}


ALL_GOOD = {
    "integrity": "integrity.good",
    "identity": "identity.good",
    "authority": "authority.good",
    "order": "order.good",
    "freshness": "freshness.good",
}


def test_signatures_before_and_after_a_rotation_are_both_good(office: Office) -> None:
    receipt = office.submit()
    office.decide(ZHOU, receipt.doc, "claim")
    index = keys.rotate(office.desk, office.actors[ZHOU], "a new phrase", office.unlocks[ZHOU])
    old, new = key_entry(office, ZHOU, 0), key_entry(office, ZHOU)
    assert (old["valid_to_index"], old["reason"]) == (index, "rotated")
    assert (new["valid_from_index"], new["valid_to_index"]) == (index, None)
    with pytest.raises(NeedsUnlock):
        office.decide(ZHOU, receipt.doc, "approve", TICKS)
    enter(office, account(office, ZHOU), "a new phrase")
    office.decide(ZHOU, receipt.doc, "approve", TICKS)
    assert verdicts(office, receipt.doc) == ALL_GOOD


def test_a_rotation_needs_the_old_key_and_leaves_everything_when_it_fails(office: Office) -> None:
    before = account(office, ZHOU)
    with pytest.raises(NeedsUnlock):
        keys.rotate(office.desk, office.actors[ZHOU], "a new phrase", None)
    assert account(office, ZHOU) == before
    assert office.desk.vault.is_unlocked(office.unlocks[ZHOU])


def test_a_key_of_small_order_is_refused_at_enrolment(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    for weak in (bytes(32), b"\x01" + bytes(31), bytes.fromhex("ec" + "ff" * 30 + "7f")):
        def make(_vault: MemoryVault, _person: str, _passphrase: str, key: bytes = weak) -> bytes:
            return key

        monkeypatch.setattr(MemoryVault, "make_next_key", make)
        monkeypatch.setattr(MemoryVault, "enrol", make)
        with pytest.raises(Refused) as refused:
            keys.rotate(office.desk, office.actors[LIN], "new", office.unlocks[LIN])
        assert refused.value.code == "key.unacceptable"


def test_a_key_that_was_ever_anybodys_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    known = bytes.fromhex(account(office, WU).public_key)
    monkeypatch.setattr(MemoryVault, "make_next_key", lambda _vault, _person, _passphrase: known)
    with pytest.raises(Refused) as refused:
        keys.rotate(office.desk, office.actors[LIN], "new", office.unlocks[LIN])
    assert refused.value.code == "key.known"


def test_a_dismissed_person_signs_nothing_and_what_was_signed_stays_good(office: Office) -> None:
    receipt = office.submit()
    office.decide(ZHOU, receipt.doc, "claim")
    index = keys.dismiss(office.desk, office.actors[GUO], person(office, ZHOU), office.unlocks[GUO])
    assert key_entry(office, ZHOU)["valid_to_index"] == index
    assert not office.desk.vault.is_unlocked(office.unlocks[ZHOU])
    with pytest.raises(NotAllowed):
        office.decide(ZHOU, receipt.doc, "approve", TICKS)
    assert verdicts(office, receipt.doc) == ALL_GOOD


def test_nobody_but_a_security_administrator_revokes(office: Office) -> None:
    for who in (LIN, MA):
        with pytest.raises(NotAllowed) as refused:
            keys.dismiss(office.desk, office.actors[who], person(office, ZHOU), office.unlocks[who])
        assert refused.value.code == "key.role"


def test_a_grant_takes_two_people_two_keys_and_never_the_receiver(office: Office) -> None:
    desk, facts = office.desk, {"role": "auditor", "unit": "audit"}
    lin = person(office, LIN)
    name = keys.propose(desk, office.actors[GUO], lin, keys.GRANT, facts, office.unlocks[GUO])
    with pytest.raises(NotAllowed) as refused:
        keys.confirm(desk, office.actors[GUO], lin, name, office.unlocks[GUO])
    assert refused.value.code == "proposal.second_person"
    with pytest.raises(NotAllowed):
        keys.confirm(desk, office.actors[LIN], lin, name, office.unlocks[LIN])
    with pytest.raises(NotAllowed) as own:
        keys.propose(desk, office.actors[HU], person(office, HU), keys.GRANT, facts, office.unlocks[HU])
    assert own.value.code == "key.own"
    assert "auditor" not in office.actors[LIN].roles("2026-03-05")
    keys.confirm(desk, office.actors[MA], lin, name, office.unlocks[MA])
    assert "auditor" in people.as_of_now(desk, office.actors[LIN]).roles("2026-03-05")
    with pytest.raises(NotFound):
        keys.confirm(desk, office.actors[MA], lin, name, office.unlocks[MA])


def test_one_raw_key_under_two_persons_is_one_signer(office: Office) -> None:
    from dataclasses import replace

    desk = office.desk
    lin, same = person(office, LIN), account(office, GUO).public_key
    name = keys.propose(desk, office.actors[GUO], lin, keys.RESET, {}, office.unlocks[GUO])
    desk.directory.save(replace(account(office, HU), public_key=same))
    with pytest.raises(NotAllowed) as refused:
        keys.confirm(desk, office.actors[HU], lin, name, office.unlocks[HU])
    assert refused.value.code == "proposal.second_person"


def test_what_a_dismissed_person_proposed_falls_away(office: Office) -> None:
    desk, lin = office.desk, person(office, LIN)
    name = keys.propose(desk, office.actors[GUO], lin, keys.RESET, {}, office.unlocks[GUO])
    keys.dismiss(desk, office.actors[HU], person(office, GUO), office.unlocks[HU])
    with pytest.raises(NotFound):
        keys.confirm(desk, office.actors[MA], lin, name, office.unlocks[MA])


def test_a_reset_ends_the_old_key_and_its_token_works_once(office: Office) -> None:
    desk, lin = office.desk, person(office, LIN)
    receipt, old = office.submit(), account(office, LIN).public_key
    name = keys.propose(desk, office.actors[GUO], lin, keys.RESET, {}, office.unlocks[GUO])
    token = keys.confirm(desk, office.actors[MA], lin, name, office.unlocks[MA]).token
    with pytest.raises(NotAllowed):
        desk.vault.unlock(lin, f"phrase {LIN}", "later")
    assert not desk.directory.password_is(account(office, LIN), "password")
    renewed = inviting.accept(desk, token, "a new password", "a new signing phrase")
    with pytest.raises(NotFound):
        inviting.accept(desk, token, "another password", "another signing phrase")
    assert renewed.public_key != old and key_entry(office, LIN, 0)["reason"] == "reset"
    enter(office, renewed, "a new signing phrase")
    office.decide(LIN, receipt.doc, "withdraw", {"comment": "录入有误，撤回更正。"})
    assert verdicts(office, receipt.doc) == ALL_GOOD


def test_a_one_time_token_ends_after_a_day(office: Office) -> None:
    desk, lin = office.desk, person(office, LIN)
    name = keys.propose(desk, office.actors[GUO], lin, keys.RESET, {}, office.unlocks[GUO])
    token = keys.confirm(desk, office.actors[MA], lin, name, office.unlocks[MA]).token
    office.clock.advance(hours=49)
    with pytest.raises(NotFound):
        inviting.accept(desk, token, "a new password", "a new signing phrase")


def compromised_claim(office: Office) -> str:
    receipt = office.submit()
    claim = office.decide(ZHOU, receipt.doc, "claim")
    keys.compromise(
        office.desk, office.actors[GUO], person(office, ZHOU), claim.index, office.unlocks[GUO]
    )
    return receipt.doc


def test_events_in_a_suspect_window_are_neither_good_nor_bad(office: Office) -> None:
    doc = compromised_claim(office)
    found = judged(office, doc).verdict("authority")
    assert (found.status, found.code) == ("unknown", "authority.suspect")
    assert office.desk.directory.by_staff_no(ZHOU) is not None
    with pytest.raises(NotAllowed):
        office.desk.vault.unlock(person(office, ZHOU), f"phrase {ZHOU}", "later")


def test_another_reviewer_reaffirms_and_the_verifier_says_so(office: Office) -> None:
    doc = compromised_claim(office)
    for who in (LIN, ZHAO):
        with pytest.raises((NotAllowed, NotFound)):
            reaffirming.reaffirm(office.desk, office.actors[who], doc, office.head(doc), office.unlocks[who])
    reaffirming.reaffirm(office.desk, office.actors[WU], doc, office.head(doc), office.unlocks[WU]).wait(1)
    found = judged(office, doc).verdict("authority")
    assert (found.status, found.code) == ("good", "authority.reaffirmed")
    row = reading.row_of(office.desk, doc)
    assert reaffirming.suspects(office.desk, row, office.desk.registry.by_digest(row["digest"])) == ()
    with pytest.raises(NotFound):
        reaffirming.reaffirm(office.desk, office.actors[WU], doc, office.head(doc), office.unlocks[WU])


def test_a_stale_page_reaffirms_nothing(office: Office) -> None:
    doc = compromised_claim(office)
    with pytest.raises(Conflict):
        reaffirming.reaffirm(office.desk, office.actors[WU], doc, "0" * 64, office.unlocks[WU])


def test_a_right_withdrawn_a_moment_ago_signs_nothing(office: Office) -> None:
    doc = office.submit().doc
    stale: Actor = office.actors[ZHOU]
    grant = account(office, ZHOU).grants[0]["id"]
    keys.end_grant(office.desk, office.actors[GUO], stale.person, grant, office.unlocks[GUO])
    with pytest.raises((NotAllowed, NotFound)):
        office.decide(ZHOU, doc, "claim")


def test_a_change_that_was_not_announced_is_announced_at_the_next_start(office: Office) -> None:
    from dataclasses import replace

    desk, vault = office.desk, office.desk.vault
    new = vault.make_next_key(person(office, LIN), "a new phrase")
    desk.directory.save(replace(account(office, LIN), public_key=new.hex()))
    ending.settle(desk)
    assert key_entry(office, LIN)["key"] == new.hex()
    enter(office, account(office, LIN), "a new phrase")
    assert verdicts(office, office.submit().doc) == ALL_GOOD


def audited(office: Office) -> list[str]:
    """The codes of what an audit of the whole journal finds."""
    desk = office.desk
    registers = {
        snapshot.read(Envelope.from_json(json.loads(data)).payload).version: json.loads(entries)
        for _, data, entries in desk.trust.snapshots()
    }

    def form(digest: str) -> bytes | None:
        return None if digest == "0" * 64 else proving._form_bytes(desk, digest)

    return [
        one.code
        for one in audit(
            office.journal.scan(),
            trust=root.walk(root.read_trust_file(desk.trust.root_chain())),
            forms=form,
            people=lambda one: registers[one.version],
        )
    ]


def test_the_audit_of_the_journal_knows_every_kind_of_event_and_forgets_confirmed_suspicion(
    office: Office,
) -> None:
    desk, doc = office.desk, office.submit().doc
    claim = office.decide(ZHOU, doc, "claim")
    assert audited(office) == []
    keys.compromise(desk, office.actors[GUO], person(office, ZHOU), claim.index, office.unlocks[GUO])
    reaffirming.reaffirm(desk, office.actors[WU], doc, office.head(doc), office.unlocks[WU]).wait(1)
    assert judged(office, doc).outcome == "good"
    assert audited(office) == []
