"""Row "log key thief": everything the key can be used for, before a witness that runs as it does elsewhere.

The witness is the real server over the real memory on a disk; only the network between is left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engine.desk import events
from engine.errors import Unavailable
from engine.trust import checkpoint, identifiers, policy, witness
from engine.trust.log import Tree
from storage.cosigned import CosignedFile
from storage.witness_memory import origin_id
from tests.simulators.witnesses import MovableClock, Wire, Witness
from tests.threats.conftest import House
from tests.threats.forging import another_history, log_vkey, signed, tree_of
from web.witness.courier import BEHIND, FORKED, Courier


@pytest.fixture
def watched(house: House, tmp_path: Path) -> Iterator[tuple[House, Witness]]:
    """The agency at work, and a witness in another house that has cosigned its log as it stands."""
    with house.open():
        seen = Witness(tmp_path / "witness", "w1.example/w", log_vkey(house), MovableClock())
        assert ask(seen, 0, (), house.at_work.journal.checkpoint()[2]) == 200
        yield house, seen
        seen.close()


def ask(seen: Witness, old: int, proof: Sequence[bytes], note: str) -> int:
    body = witness.encode_request(old, proof, note)
    return seen.client.post("/add-checkpoint", content=body).status_code


def held_against(seen: Witness, origin: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = json.loads(seen.client.get(f"/evidence/{origin_id(origin)}").content)
    return found


def why_shut(house: House) -> str | None:
    return house.at_work.journal.read_only


def courier_of(house: House, seen: Witness, place: Path) -> Courier:
    name = seen.peer.vkey.name
    rules = policy.parse(f"witness {name} {seen.peer.vkey.text()}\nquorum {name}\n")
    return Courier(
        [seen.peer], house.at_work.journal, log_vkey(house), lambda: rules,
        CosignedFile(place / "cosigned.json"), MovableClock(), Wire([seen]).ask,
    )  # fmt: skip


def test_no_other_history_is_cosigned_and_each_attempt_is_kept_as_evidence(
    watched: tuple[House, Witness],
) -> None:
    house, seen = watched
    size, root, note = house.at_work.journal.checkpoint()
    forged = another_history(house, house.rows()[0]["doc"])
    longer = Tree(forged.tree.leaf(n) for n in range(size))
    longer.append(identifiers.leaf_hash(b"one more"))
    true = tree_of(house)
    tried = [
        (409, size, (), forged.note),  # the same length, another root
        (422, size, longer.consistency_proof(size), signed(house, longer)),  # longer, with its own proof
        (422, size, [root, *longer.consistency_proof(size)[1:]], signed(house, longer)),  # with ours bent
        (422, size, (), signed(house, longer)),
        (409, size - 2, true.consistency_proof(size - 2, size - 1), signed(house, true, size - 1)),
        (409, 0, (), forged.note),  # as if nothing had ever been seen
    ]
    assert [ask(seen, old, proof, said) for _, old, proof, said in tried] == [one[0] for one in tried]
    origin = house.at_work.agency.origin
    kept = held_against(seen, origin)
    assert {one["kind"] for one in kept} == {witness.FORK, witness.UNPROVEN, witness.BEHIND}
    for one in kept:  # two signatures of the same key under two histories: nobody can explain them away
        presented = checkpoint.open(str(one["presented"]))
        remembered = checkpoint.open(str(one["remembered"]))
        assert checkpoint.is_signed_by(presented, log_vkey(house))
        assert checkpoint.is_signed_by(remembered, log_vkey(house))
    seen.close()
    seen.open()  # a restart of the witness forgets none of it
    assert held_against(seen, origin) == kept
    assert seen.memory.remembered(origin) == witness.Head(size, root)
    assert ask(seen, size, (), note) == 200


def test_without_a_witness_the_fork_is_believed_and_a_demanded_witness_tells(
    watched: tuple[House, Witness],
) -> None:
    house, seen = watched
    forged = another_history(house, house.rows()[0]["doc"])
    # All keys stolen and no witness in the trust file: the verdicts are good. That is the row's "can fork".
    assert house.report(forged.bundle).outcome == "good"
    named = policy.parse(f"witness w {seen.peer.vkey.text()}\nquorum w\n")
    for note, is_seen in ((forged.note, False), (seen.memory.newest(house.at_work.agency.origin), True)):
        present = checkpoint.cosignatures(checkpoint.open(note), named.witnesses.values())
        assert policy.is_satisfied(named, [one.public_key for one in present]) == is_seen
    # A line of the true checkpoint does not fit the false one.
    own = seen.memory.newest(house.at_work.agency.origin)
    line = next(one for one in own.split("\n") if "w1.example" in one)
    assert not checkpoint.cosignatures(checkpoint.open(f"{forged.note}{line}\n"), named.witnesses.values())


def test_who_goes_on_with_the_log_in_secret_stops_the_agency_at_its_next_round(
    watched: tuple[House, Witness], tmp_path: Path
) -> None:
    house, seen = watched
    size = house.at_work.journal.durable_size
    courier_of(house, seen, tmp_path).round()
    assert why_shut(house) is None
    further = tree_of(house)
    further.append(identifiers.leaf_hash(b"an event that the agency never took"))
    # It continues what was seen: no witness can know that it is not the agency's.
    assert ask(seen, size, further.consistency_proof(size), signed(house, further)) == 200
    courier_of(house, seen, tmp_path).round()
    assert why_shut(house) in (BEHIND, FORKED)
    with pytest.raises(Unavailable):
        events.check_writable(house.at_work)
