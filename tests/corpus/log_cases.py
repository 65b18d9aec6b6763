"""Checkpoints and inclusion: another log, another key, another tree, and proofs that are not exact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from engine.trust import checkpoint, root, tlogproof
from engine.trust.envelope import EVENT, decode_base64, encode_base64
from tests.corpus.case import SHOWN, SUBMIT, Case, agency_where, changed, malformed, reviewed
from tests.engine.trust.agency import (
    DOC,
    LOG,
    ORIGIN,
    ZHOU,
    Agency,
    key_of,
    root_envelope,
    root_value,
    signed_by,
)  # fmt: skip

NOT_IN_LOG = {"integrity": "integrity.not_in_log"}
UNSIGNED = {"integrity": "integrity.checkpoint_signature"}


def cases() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _checkpoints()
    yield from _witnesses()
    yield from _inclusion()


def _under(note: str) -> bytes:
    """The bundle with another checkpoint, named alike by every proof."""

    def change(value: dict[str, Any]) -> None:
        for one in (*value["events"], *value["snapshots"]):
            one["proof"] = one["proof"].replace(value["checkpoint"], note)
        value["checkpoint"] = note

    return changed(change)


def _signed(size: int, hashed: bytes, origin: str = ORIGIN, key: Any = LOG) -> str:
    return checkpoint.sign(checkpoint.encode_checkpoint(origin, size, hashed), origin, key)


def _checkpoints() -> Iterator[Case]:
    tree, note = reviewed().tree, reviewed().note()
    size, hashed = len(tree), tree.root()
    yield Case("checkpoint-by-a-stranger", "The checkpoint is signed by somebody else under the log's name.",
               _under(_signed(size, hashed, key=key_of("stranger"))), UNSIGNED, 2)
    yield Case("checkpoint-of-another-log", "The checkpoint is that of another log.",
               _under(_signed(size, hashed, "other.example/log")), {"order": "order.origin"}, 2)
    yield Case("checkpoint-signature-of-another-text", "The size was raised after the checkpoint was signed.",
               _under(note.replace(f"\n{size}\n", f"\n{size + 1}\n")), UNSIGNED, 2)
    yield Case("checkpoint-of-nothing", "A validly signed checkpoint of an empty tree.",
               _under(_signed(0, tree.root())), UNSIGNED, 2)
    yield Case("checkpoint-of-a-forked-tree", "A checkpoint the log signed over another tree of this size.",
               _under(_signed(size, bytes(32))), NOT_IN_LOG, 3)
    yield Case("checkpoint-smaller-than-the-proofs", "An older checkpoint than the proofs were made for.",
               _under(_signed(2, tree.root(2))), NOT_IN_LOG, 3)
    yield Case("checkpoint-line-nobody-explains", "The checkpoint carries a line of an unknown signer.",
               _under(note + checkpoint.cosign(note, "w.example", key_of("witness"), 1)),
               {"integrity": "integrity.checkpoint_lines"}, 2)
    yield Case("checkpoint-line-twice", "The log's own line stands in the checkpoint twice.",
               _under(note + note[note.rindex("—"):]), {"integrity": "integrity.checkpoint_lines"}, 2)
    yield malformed("checkpoint-with-extension-line", "The checkpoint has a fourth line of text.",
                    _under(_extended(size, hashed)), 2)
    yield malformed("checkpoint-size-with-a-leading-zero", "The size is spelled in a second way.",
                    _under(note.replace(f"\n{size}\n", f"\n0{size}\n")), 2)
    yield malformed("checkpoint-without-signature", "The checkpoint is a bare text.",
                    _under(note[: note.index("\n\n") + 1]), 2)
    moved = root.trust_file([root_envelope(root_value(log=[_log_key(0, 2)]))])
    agency = agency_where(SUBMIT, trust=moved)
    agency.act(DOC, ZHOU, "claim", "submitted", "under_review")
    yield Case("log-key-out-of-its-interval", "The log's key had been replaced before this checkpoint.",
               agency.bundle(DOC, SHOWN), UNSIGNED, 2, trust=moved)


def _extended(size: int, hashed: bytes) -> str:
    return checkpoint.sign(checkpoint.encode_checkpoint(ORIGIN, size, hashed) + "more\n", ORIGIN, LOG)


def _log_key(start: int, end: int | None) -> dict[str, Any]:
    vkey = checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, LOG.public_key).text()
    return {"vkey": vkey, "from_index": start, "to_index": end}


def _witnesses() -> Iterator[Case]:
    names = ("w1.example", "w2.example", "w3.example")
    keys = {name: key_of(f"witness {name}") for name in names}
    lines = "".join(
        f"witness {name} {checkpoint.VerifierKey(name, checkpoint.TYPE_COSIGNATURE, key.public_key).text()}\n"
        for name, key in keys.items()
    )
    policy = f"{lines}group two 2 {' '.join(names)}\nquorum two\n"
    trust = root.trust_file([root_envelope(root_value(witness_policy=policy))])
    when = 1_795_330_000

    def seen_by(*shown: Callable[[str], str]) -> bytes:
        agency = agency_where(SUBMIT, trust=trust)
        note = agency.note()
        whole = note + "".join(one(note) for one in shown)
        agency.note = lambda: whole  # type: ignore[method-assign]
        return agency.bundle(DOC, SHOWN)

    def by(name: str, key: Any = None, time: int = when) -> Callable[[str], str]:
        return lambda note: checkpoint.cosign(note, name, key or keys[name], time)

    quorum = {"order": "order.quorum"}
    strange = {"order": "order.quorum", "integrity": "integrity.checkpoint_lines"}
    one, two = names[0], names[1]
    yield Case("witnesses-two-of-three", "Two of three witnesses have signed, as the root asks.",
               seen_by(by(one), by(two)), trust=trust)
    yield Case("witnesses-none", "The root asks for two witnesses; none has signed.",
               seen_by(), quorum, trust=trust)
    yield Case("witnesses-one-of-two", "The root asks for two witnesses; one has signed.",
               seen_by(by(one)), quorum, trust=trust)
    yield Case("witness-counted-twice", "One witness has signed twice where two are asked for.",
               seen_by(by(one), by(one, time=when + 1)), strange, 2, trust=trust)
    yield Case("witness-forged", "The second witness's line was made with another key.",
               seen_by(by(one), by(two, key_of("stranger"))), strange, 2, trust=trust)

    def later(note: str) -> str:
        head, data = by(two)(note).rstrip("\n").rsplit(" ", 1)
        raw = bytearray(decode_base64(data))
        raw[11] ^= 1
        return f"{head} {encode_base64(bytes(raw))}\n"

    yield Case("witness-time-changed", "The time a witness stated was changed.",
               seen_by(by(one), later), strange, 2, trust=trust)


def _inclusion() -> Iterator[Case]:
    def proof(change: Callable[[tlogproof.TlogProof], tuple[int, tuple[bytes, ...]]]) -> bytes:
        def apply(value: dict[str, Any]) -> None:
            one = tlogproof.parse(value["events"][0]["proof"])
            index, path = change(one)
            value["events"][0]["proof"] = tlogproof.encode(index, path, one.note)

        return changed(apply)

    yield Case("proof-hash-changed", "A hash of an inclusion proof was changed.",
               proof(lambda one: (one.index, (bytes(32), *one.proof[1:]))), NOT_IN_LOG, 3)
    yield Case("proof-too-short", "The last hash of an inclusion proof is missing.",
               proof(lambda one: (one.index, one.proof[:-1])), NOT_IN_LOG, 3)
    yield Case("proof-too-long", "An inclusion proof goes on above the root.",
               proof(lambda one: (one.index, (*one.proof, bytes(32)))), NOT_IN_LOG, 3)
    yield Case("proof-empty", "An inclusion proof has no hashes.",
               proof(lambda one: (one.index, ())), NOT_IN_LOG, 3)
    yield Case("proof-for-another-index", "An event claims the place of its neighbour.",
               proof(lambda one: (0, one.proof)), NOT_IN_LOG, 3)
    yield Case("proof-index-beyond-the-tree", "An event claims a place after the last.",
               proof(lambda one: (3, one.proof)), NOT_IN_LOG, 3)
    yield Case("inner-node-as-leaf", "The proof begins one level up, as if an inner node were the leaf.",
               proof(lambda one: (one.index // 2, one.proof[1:])), NOT_IN_LOG, 3)

    def received(value: dict[str, Any]) -> None:
        value["events"][0]["received_at"] = "2026-11-22T06:45:01Z"

    yield Case("received-at-changed", "The time of receipt is not the one in the log's leaf.",
               changed(received), NOT_IN_LOG, 3)

    def stripped(value: dict[str, Any]) -> None:
        value["events"][0]["envelope"]["signatures"].pop()

    yield Case("signature-dropped", "The platform's signature was taken away after the event was logged.",
               changed(stripped), NOT_IN_LOG, 3)

    def added(value: dict[str, Any]) -> None:
        envelope = value["events"][0]["envelope"]
        payload = decode_base64(envelope["payload"])
        more = signed_by([key_of("stranger")], EVENT, payload).to_json()["signatures"]
        envelope["signatures"] += more

    yield Case("signature-added", "A stranger's signature was added after the event was logged.",
               changed(added), NOT_IN_LOG, 3)

    def other(value: dict[str, Any]) -> None:
        one = tlogproof.parse(value["events"][0]["proof"])
        note = _signed(2, bytes(32))
        value["events"][0]["proof"] = tlogproof.encode(one.index, one.proof, note)

    yield Case("proof-under-another-checkpoint", "One proof leads to another checkpoint than the bundle's.",
               changed(other), {"integrity": "integrity.other_checkpoint"}, 3)

    def extra(value: dict[str, Any]) -> None:
        one = tlogproof.parse(value["events"][0]["proof"])
        value["events"][0]["proof"] = tlogproof.encode(one.index, one.proof, one.note, b"more")

    yield Case("proof-with-extra-data", "A proof carries data that nothing authenticates.",
               changed(extra), {"integrity": "integrity.other_checkpoint"}, 3)

    def unlogged(value: dict[str, Any]) -> None:
        aside = Agency()
        aside.publish_snapshot()
        aside.act(DOC, *SUBMIT, nonce="0" * 32)
        value["events"][0]["envelope"] = aside.records[1].envelope.to_json()

    yield Case("event-never-logged", "A rightly signed event that the log has never seen.",
               changed(unlogged), NOT_IN_LOG, 3)
