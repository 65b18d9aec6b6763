"""What a holder of stolen keys makes: another history of the same length, in which one event was never so."""

from __future__ import annotations

import json
from base64 import b64decode
from dataclasses import dataclass, replace
from typing import Any

from engine.trust import bundle as bundles
from engine.trust import checkpoint, head, identifiers, leaves, snapshot, statement
from engine.trust import keys as trust_keys
from engine.trust.checkpoint import VerifierKey
from engine.trust.envelope import EVENT, HEAD, Envelope
from engine.trust.log import Tree
from tests.threats.conftest import SESSION, House
from web.demo.people import PASSPHRASE


@dataclass(frozen=True)
class Forged:
    """The other history: its tree, its signed checkpoint, and a bundle of the document under it."""

    tree: Tree
    note: str
    bundle: bytes


def log_key(house: House) -> trust_keys.SigningKey:
    """The log's signing key, as a thief of the key has it."""
    ring = house.at_work.vault._ring  # type: ignore[attr-defined]
    return trust_keys.signing_key(ring.log)


def log_vkey(house: House) -> VerifierKey:
    """What everybody may know of it."""
    origin = house.at_work.agency.origin
    return VerifierKey(origin, checkpoint.TYPE_ED25519, log_key(house).public_key)


def signed(house: House, tree: Tree, size: int | None = None) -> str:
    """A checkpoint over a tree of the thief's, signed with the log's own key."""
    origin, count = house.at_work.agency.origin, len(tree) if size is None else size
    text = checkpoint.encode_checkpoint(origin, count, tree.root(count))
    return checkpoint.sign(text, origin, log_key(house))


def tree_of(house: House, **changed: bytes) -> Tree:
    """The leaves of the agency's log, some of them others (`at_<index>`)."""
    journal = house.at_work.journal
    return Tree(
        changed.get(f"at_{index}", journal.leaf_hash(index)) for index in range(journal.durable_size)
    )


def another_history(house: House, doc: str) -> Forged:
    """The last event of a document said to be of another day, with the signatures of everybody concerned."""
    desk = house.at_work
    value: dict[str, Any] = json.loads(house.bundle(doc))
    listed = [(Envelope.from_json(one["envelope"]), one["received_at"]) for one in value["events"]]
    row = next(one for one in house.rows() if one["doc"] == doc)
    indexes = [step["index"] for step in row["steps"]]
    said = statement.read(listed[-1][0].payload)
    payload = statement.build(replace(said, time="2026-01-06T01:00:00Z"))
    token = desk.vault.unlock(said.actor.person, PASSPHRASE, SESSION)
    message = identifiers.pae(EVENT, payload)
    false = Envelope(EVENT, payload, desk.vault.sign_event(token, said.actor.person, message))
    listed[-1] = (false, listed[-1][1])
    leaf = identifiers.leaf_hash(leaves.leaf_of(*listed[-1]))
    tree = tree_of(house, **{f"at_{indexes[-1]}": leaf})
    note = signed(house, tree)

    def logged(envelope: Envelope, received_at: str, index: int) -> bundles.Logged:
        return bundles.Logged(envelope, received_at, index, tuple(tree.inclusion_proof(index)))

    (shown,) = value["snapshots"]
    announced = Envelope.from_json(shown["envelope"])
    place = desk.trust.snapshots()[-1][0]
    people = tuple(
        snapshot.ProvenPerson(one["entry"], one["index"], tuple(map(b64decode, one["proof"])))
        for one in shown["people"]
    )
    event = identifiers.event_id(false.pae())
    stated = head.payload(
        head.Head(desk.agency.origin, doc, event, row["seq"], row["state"], len(tree))
    )
    made = bundles.build(
        trust=desk.trust.root_chain(),
        note=note,
        snapshots=[bundles.LoggedSnapshot(logged(announced, shown["received_at"], place), people)],
        forms=[one.encode() for one in value["forms"]],
        events=[logged(*one, index) for one, index in zip(listed, indexes, strict=True)],
        head=Envelope(HEAD, stated, (desk.vault.sign_platform(identifiers.pae(HEAD, stated)),)),
    )
    return Forged(tree, note, made)
