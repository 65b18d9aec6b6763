"""Row "quantum adversary (later)": what today's recordings give to whom public keys hide nothing from.

Such a person gets, for every public key that was recorded, its private half: the recovery key's from the ring
file, the signing keys' from any bundle. Symmetric keys stay what they are.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path

from nacl import bindings

from engine.desk import proving, reading
from engine.trust import checkpoint, merkle, policy, verify, witness
from engine.trust.verdicts import Policy
from engine.trust.wrap import RECOVERY_ALG
from storage.ring_recovery import open_by_recovery
from tests.simulators.witnesses import MovableClock, Witness
from tests.threats.conftest import House
from tests.threats.forging import another_history, log_vkey

Place = Callable[[str], Path]
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{64,}={0,2}")
BOX_OVERHEAD = 48


def boxes_in(data: bytes, public: bytes, private: bytes) -> list[bytes]:
    """Everything in some bytes that the private half of the recovery key opens: written out, or raw."""
    found = []
    for text in _BASE64.findall(data):
        try:
            box = b64decode(text, validate=True)
        except ValueError:
            continue
        found += opened(box, public, private)
    return found


def opened(box: bytes, public: bytes, private: bytes) -> list[bytes]:
    if len(box) <= BOX_OVERHEAD:
        return []
    try:
        return [bindings.crypto_box_seal_open(box, public, private)]
    except Exception:
        return []


def public_record(house: House) -> Iterator[bytes]:
    """What anybody could have recorded from outside: bundles, checkpoints, tiles, the trust file."""
    desk = house.at_work
    for row in house.rows():
        yield proving.bundle_of(desk, row, proving.nothing)
    size = desk.journal.durable_size
    yield desk.journal.checkpoint()[2].encode()
    yield desk.journal.tile(0, 0, min(256, size))
    yield desk.trust.root_chain()


def test_what_was_recorded_outside_holds_no_ciphertext_at_all(house: House) -> None:
    with house.open():
        public = house.at_work.vault.public_keys()["recovery"]
        recorded = b"".join(public_record(house))
        answers = [reading.answers_of(house.at_work, row)["insured"] for row in house.rows()]
        sealed = [part.ct for row in house.rows() for _, at in row["contents"]
                  for part in house.at_work.journal.read(at).parts]  # fmt: skip
    assert boxes_in(recorded, public, house.recovery_secret) == []
    assert sealed and not [ct for ct in sealed if ct[:24] in recorded]
    assert not [one["full_name"] for one in answers if one["full_name"].encode() in recorded]


def test_who_recorded_the_folder_opens_the_escrows_and_by_them_everything_of_that_day(
    house: House, another: Place
) -> None:
    with house.open():
        public = house.at_work.vault.public_keys()["recovery"]
        wraps = [one for _, kept in house.at_work.erasable.scan() for one in kept.wraps]
    backup = house.copy(another("backup"), with_configuration=False)
    # Wraps of documents are symmetric: the private half of no key opens one.
    assert wraps and not [one for one in wraps if one.alg == RECOVERY_ALG]
    assert not [one for one in wraps if opened(one.ct[16:], public, house.recovery_secret)]
    # The one box in the open is the escrow of the root key; epochs' escrows lie sealed behind it. That one is
    # enough: the honest cell of the table, and the reason for a hybrid wrap (ADR 0005).
    ring_file = backup.data / "vault" / "ring"
    found = boxes_in(b"\n".join(data for _, data in backup.files()), public, house.recovery_secret)
    assert len(found) == len(boxes_in(ring_file.read_bytes(), public, house.recovery_secret)) == 1
    ring = open_by_recovery(ring_file, house.recovery_secret)
    assert {one.compartment for one in wraps} <= set(ring.compartments)
    # Without that one box – the folder recorded, the ring file not – the recording stays shut.
    others = b"\n".join(data for path, data in backup.files() if path != ring_file)
    assert boxes_in(others, public, house.recovery_secret) == []


def test_signatures_can_be_forged_but_not_before_an_index_that_somebody_remembers(
    house: House, tmp_path: Path
) -> None:
    """With every private key: another last event, rightly signed by person, platform and log."""
    with house.open():
        desk, doc = house.at_work, house.rows()[0]["doc"]
        kept = proving.bundle_of(desk, house.rows()[0], proving.nothing)  # in a drawer since that day
        size, root, note = desk.journal.checkpoint()
        seen = Witness(tmp_path / "witness", "w1.example/w", log_vkey(house), MovableClock())
        seen.client.post("/add-checkpoint", content=witness.encode_request(0, (), note))
        forged = another_history(house, doc)
        report = house.report(forged.bundle)
        assert report.outcome == "good"  # the signatures hold: nobody can tell by them
        answer = seen.client.post(
            "/add-checkpoint", content=witness.encode_request(size, (), forged.note)
        )
        assert answer.status_code == 409
        # The checkpoint that was witnessed, or stands in any older bundle, contradicts the forged one.
        older = checkpoint.open(note)
        assert (older.size, older.root) == (size, root)
        now = checkpoint.open(forged.note)
        assert not merkle.verify_consistency(older.size, now.size, [], older.root, now.root)
        assert house.report(kept).log["root"] != report.log["root"]
        vkey = seen.peer.vkey
        named = policy.parse(f"witness w {vkey.text()}\nquorum w\n")
        present = checkpoint.cosignatures(now, named.witnesses.values())
        assert not policy.is_satisfied(named, [one.public_key for one in present])
        seen.close()


def test_a_suite_that_is_no_longer_allowed_is_told_by_what_was_signed(house: House) -> None:
    with house.open():
        data = house.bundle(house.rows()[0]["doc"])
    trust = (house.data / "trust" / "trust.json").read_bytes()
    report = verify.verify(data, trust, Policy(suites=("PQ1",)))
    assert (report.outcome, report.verdict("integrity").code) == ("bad", "integrity.suite")
