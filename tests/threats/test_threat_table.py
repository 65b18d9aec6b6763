"""The threat table of the design (trust.md §2.5): one test a row, named after it.

Each test holds exactly what the attacker of its row holds, does what that attacker would do, and shows what
stops it or what shows it, also where the honest answer is that the attacker wins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.desk import deciding, events, keys, listing, people, proving, reading, rewrapping, sealing
from engine.errors import Broken, Conflict, NotAllowed, NotFound, TooMany, Unavailable
from engine.trust import canonical, checkpoint, identifiers, statement, witness
from engine.trust import keys as trust_keys
from engine.trust.envelope import EVENT, Envelope
from engine.trust.log import Tree
from engine.trust.wrap import RECOVERY_ALG
from storage.budgets import Budget, Budgets
from storage.passphrases import Passphrases
from storage.vault import open_vault
from storage.vault_house import House as VaultHouse
from tests.threats.conftest import (
    AUDITOR,
    CLERK,
    SECOND_AUDITOR,
    SECURITY,
    SYSTEM,
    House,
)
from tests.threats.conftest import SESSION as THREAT_SESSION

Place = Callable[[str], Path]
PERSONAL = ("full_name", "id_no")


def personal(house: House) -> set[str]:
    """Names and numbers of everybody insured in the agency's documents."""
    found = [reading.answers_of(house.at_work, row)["insured"] for row in house.rows()]
    return {str(one[name]) for one in found for name in PERSONAL if name in one}


def at_hand(house: House, who: str) -> tuple[str, deciding.Decision]:
    """A document under review by 何静, and a decision that she may take on it."""
    row = next(one for one in house.rows() if one["state"] == "under_review")
    return row["doc"], deciding.Decision(row["doc"], "release", row["head"], {}, f"key of {who}", True)


@contextmanager
def signing_refused() -> Iterator[None]:
    with pytest.raises((NotAllowed, NotFound)) as refused:
        yield
    assert refused.value.code


def test_backup_or_data_folder_only_reads_nothing_and_signs_nothing(house: House, another: Place) -> None:
    with house.open():
        wanted = personal(house)
    stolen = house.copy(another("stolen"), with_configuration=False)
    data = b"".join(content for _, content in stolen.files())
    assert wanted and not [text for text in wanted if text.encode() in data]
    with pytest.raises(Unavailable) as refused:
        open_vault(stolen.data / "vault", Passphrases(), unseal_folder=another("nowhere"))
    assert refused.value.code == "vault.sealed"
    # What is to be seen: pseudonyms, states, counts, times – the honest column of the table.
    people_seen = json.loads((sorted((stolen.data / "trust").glob("*.people.json"))[-1]).read_bytes())
    assert all(one["person"].startswith("p_") and "name" not in one for one in people_seen)


def test_disk_and_auto_unseal_file_reads_all_but_signs_for_nobody(house: House, another: Place) -> None:
    with house.open():
        wanted = personal(house)
    stolen = house.copy(another("stolen"))
    with stolen.open():
        assert personal(stolen) == wanted  # yes, all: that is what sealed mode is for
        account = stolen.at_work.directory.by_staff_no(AUDITOR)
        assert account is not None
        for guess in ("123456", AUDITOR, account.name, "password"):
            with pytest.raises(NotAllowed):
                stolen.at_work.vault.unlock(account.person, guess, THREAT_SESSION)
        with pytest.raises((NotAllowed, TooMany)):
            stolen.at_work.vault.unlock(account.person, "one more", THREAT_SESSION)


def test_db_write_only_cannot_make_a_signer_by_editing_the_users_table(house: House) -> None:
    stranger = trust_keys.signing_key(b"s" * 32)
    with house.open():
        desk = house.at_work
        account = desk.directory.by_staff_no(AUDITOR)
        assert account is not None
        row = house.rows()[0]
        desk.directory.save(replace(account, public_key=stranger.public_key.hex()))
        bundle = json.loads(house.bundle(row["doc"]))
        forged = _resigned(bundle["events"][-1]["envelope"], stranger)
        bundle["events"][-1]["envelope"] = forged
        report = house.report(canonical.encode(bundle))
        assert report.outcome == "bad"


def _resigned(envelope: dict[str, Any], key: trust_keys.SigningKey) -> dict[str, Any]:
    old = Envelope.from_json(envelope)
    mine = replace(
        old.signatures[0],
        public_key=key.public_key,
        signature=trust_keys.sign(key, old.pae()),
        kid=identifiers.kid(key.public_key),
    )
    return Envelope(old.payload_type, old.payload, (mine, *old.signatures[1:])).to_json()


@pytest.mark.parametrize("change", ["edit", "drop", "swap"])
def test_db_write_only_cannot_edit_drop_or_reorder_unnoticed(house: House, change: str) -> None:
    (segment,) = (house.data / "journal").glob("*.seg")
    data = bytearray(segment.read_bytes())
    if change == "edit":
        place = data.index(b'"side"')
        data[place + 3] ^= 1
    elif change == "drop":
        del data[: len(data) // 2]
    else:
        data = data[len(data) // 2 :] + data[: len(data) // 2]
    segment.write_bytes(bytes(data))
    (house.data / "journal" / "leaves").unlink(missing_ok=True)
    with house.open():
        assert house.at_work.journal.read_only is not None
        with pytest.raises(Unavailable):
            events.check_writable(house.at_work)


def test_db_write_only_rolls_the_whole_db_back_and_the_second_file_tells(
    house: House, another: Place
) -> None:
    yesterday = house.copy(another("yesterday"), with_configuration=False)
    with house.open():
        actor, unlock = house.actor(SECURITY)
        person = _person(house, AUDITOR)
        keys.dismiss(house.at_work, actor, person, unlock)
    restored = House(yesterday.data, house.configuration)
    with restored.open():
        assert restored.at_work.journal.read_only == "journal.behind_checkpoint"


def test_app_admin_account_reads_nothing_and_grants_itself_nothing(house: House) -> None:
    with house.open():
        desk = house.at_work
        actor, unlock = house.actor(SYSTEM)
        for row in house.rows():
            with pytest.raises(NotFound):
                reading.open_document(desk, actor, row["doc"])
        # Opinions are open to every post (domain.md C.2); nothing about an insured person is.
        assert {row.form for row in listing.page(desk, actor, "recent", None).rows} <= {"opinion"}
        with signing_refused():
            keys.propose(desk, actor, actor.person, keys.GRANT, {"role": "auditor"}, unlock)
        security, opened = house.actor(SECURITY)
        with signing_refused():
            keys.propose(desk, security, security.person, keys.GRANT, {"role": "auditor"}, opened)
        name = keys.propose(desk, security, actor.person, keys.GRANT, {"role": "auditor"}, opened)
        with signing_refused():
            keys.confirm(desk, security, actor.person, name, opened)
        with signing_refused():
            keys.confirm(desk, actor, actor.person, name, unlock)  # the receiver is not the second person


def test_root_on_a_running_unsealed_host_opens_in_bulk_only_up_to_the_budget(house: House) -> None:
    with house.open():
        row = house.rows()[0]
        (place,) = {house.at_work.journal.read(index).kept_at() for _, index in row["contents"]}
        kept = house.at_work.erasable.read(place or 0)
        assert kept is not None
    asked = [0.0]
    budgets = Budgets(Budget(unwraps=20, unwraps_of_all=20), lambda: asked[0])
    (unseal,) = (house.configuration / "fengjian").iterdir()
    inside = VaultHouse(house.data / "vault", Passphrases(), budgets, unseal_folder=unseal)
    inside.open_if_unattended()
    opened = 0
    with pytest.raises(TooMany) as refused:
        for _ in range(1000):
            inside.answer("unwrap_all", (kept.wraps,), "system")
            opened += 1
    assert opened == 20 and refused.value.facts["retry_after"] > 0


def test_log_key_thief_forks_and_the_witness_keeps_the_signed_evidence(house: House) -> None:
    with house.open():
        journal, desk = house.at_work.journal, house.at_work
        size, root, note = journal.checkpoint()
        leaves = [journal.leaf_hash(n) for n in range(size - 1)]
        fork = Tree([*leaves, identifiers.leaf_hash(b"another history")])
        text = checkpoint.encode_checkpoint(desk.agency.origin, size, fork.root())
        with pytest.raises(Broken) as refused:
            desk.vault.sign_log(text.encode())  # our own signer never signs a second history
        assert refused.value.code == "log.rollback"
        thief = trust_keys.signing_key(_log_seed(house))
        logs = {desk.agency.origin: (_vkey(desk, thief),)}
        forged = checkpoint.sign(text, desk.agency.origin, thief)
        assert checkpoint.is_signed_by(checkpoint.open(forged), logs[desk.agency.origin][0])
        seen = witness.judge(witness.Request(0, (), note), logs, lambda _: witness.NOTHING_SEEN)
        assert seen.status == 200
        told = witness.judge(
            witness.Request(size, (), forged), logs, lambda _: witness.Head(size, root)
        )
        assert (told.status, told.evidence) == (409, witness.FORK)
        assert told.read is not None and told.read.root == fork.root()


def _log_seed(house: House) -> bytes:
    ring = house.at_work.vault._ring  # type: ignore[attr-defined]  # what a thief of the key has
    seed: bytes = ring.log
    return seed


def _vkey(desk: Any, key: trust_keys.SigningKey) -> checkpoint.VerifierKey:
    return checkpoint.VerifierKey(desk.agency.origin, checkpoint.TYPE_ED25519, key.public_key)


def test_dishonest_staff_member_signs_for_nobody_else_and_nothing_twice(house: House) -> None:
    with house.open():
        desk = house.at_work
        doc, wanted = at_hand(house, SECOND_AUDITOR)
        actor, unlock = house.actor(SECOND_AUDITOR)
        other, _ = house.actor(AUDITOR)
        with pytest.raises(Exception) as impersonated:
            desk.vault.sign_as(unlock, other.person, b"in your name")
        assert impersonated.value.__class__.__name__ == "NeedsUnlock"
        first = deciding.decide(desk, actor, wanted, unlock).wait()
        again = deciding.decide(desk, actor, wanted, unlock).wait()
        assert again.event == first.event
        with pytest.raises(Conflict):  # the captured request under another key: the head has moved
            deciding.decide(desk, actor, replace(wanted, key="another"), unlock)
        clerk, clerk_unlock = house.actor(CLERK)
        with signing_refused():
            head = reading.row_of(desk, doc)["head"]
            own = deciding.Decision(doc, "claim", head, {}, "own work", True)
            deciding.decide(desk, clerk, own, clerk_unlock)
        said = desk.journal.read(first.index).statement()
        assert said["saw"]["events"] and said["actor"]["person"] == actor.person  # cannot be denied


def test_revoked_person_gets_nothing_new(house: House) -> None:
    with house.open():
        desk = house.at_work
        doc, wanted = at_hand(house, SECOND_AUDITOR)
        actor, unlock = house.actor(SECOND_AUDITOR)
        row = reading.row_of(desk, doc)
        stolen = sealing._wraps_of(desk, desk.journal.read(row["contents"][0][1]))
        security, opened = house.actor(SECURITY)
        keys.dismiss(desk, security, actor.person, opened)
        rewrapping.run(desk)
        with signing_refused():
            deciding.decide(desk, actor, wanted, unlock)
        account = desk.directory.by_person(actor.person)
        assert account is not None
        assert people.actor_of(account, THREAT_SESSION, "password").grants == ()
        with pytest.raises(NotFound):
            reading.open_document(desk, people.actor_of(account, THREAT_SESSION, "password"), doc)
        for one in stolen:  # wraps copied before the revocation open no more
            with pytest.raises(Broken):
                desk.vault.unwrap(one)
        assert reading.answers_of(desk, row)


def test_k_share_holders_colluding_read_all_and_sign_for_nobody(house: House) -> None:
    """What shares open is the recovery key: escrows of epoch keys, never a person's signing key."""
    with house.open():
        ring = house.at_work.vault._ring  # type: ignore[attr-defined]
        for name, held in ring.compartments.items():
            assert all(len(one.escrow) == 32 + 32 + 48 for one in held.values()), name
    for path in (house.data / "vault" / "people").iterdir():
        assert set(json.loads(path.read_bytes())) == {
            "v", "person", "public", "salt", "passes", "memory", "sealed",
        }  # fmt: skip  # sealed by the passphrase alone: no escrow to the recovery key


def test_holder_of_a_forged_pdf_is_told_by_the_bundle_inside(house: House) -> None:
    with house.open():
        doc = house.rows()[0]["doc"]
        row = reading.row_of(house.at_work, doc)
        data = proving.bundle_of(house.at_work, row, proving.these(("/insured/full_name",)))
        assert house.report(data).outcome == "good"
        value = json.loads(data)
        (shown,) = [one for one in value["disclosures"] if one["path"] == "/insured/full_name"]
        shown["value"] = "另一个人"
        forged = house.report(canonical.encode(value))
        assert (forged.outcome, forged.verdict("integrity").code) == ("bad", "integrity.disclosure")


def test_quantum_adversary_finds_no_document_key_under_a_public_key_in_what_is_recorded(house: House) -> None:
    """Wraps of documents are symmetric; only the escrows of epochs wait for a hybrid wrap (ADR 0005)."""
    with house.open():
        desk = house.at_work
        wraps = [one for _, kept in desk.erasable.scan() for one in kept.wraps]
        assert wraps and not [one for one in wraps if one.alg == RECOVERY_ALG]
        for record in desk.journal.scan():
            if record.envelope.payload_type == EVENT:
                said = statement.read(record.envelope.payload)
                assert said.suite == "L1"  # the suite is signed, so that a later one is told apart
        # A forged signature would have to stand before an index that witnesses remember already.
        size, _, _ = desk.journal.checkpoint()
        steps = [step["index"] for row in house.rows() for step in row["steps"]]
        assert all(len(desk.journal.inclusion(index, size)) <= size.bit_length() for index in steps)


def _person(house: House, who: str) -> str:
    account = house.at_work.directory.by_staff_no(who)
    assert account is not None
    return account.person
