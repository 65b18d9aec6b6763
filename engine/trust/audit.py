"""The audit of a whole journal: every record again, as a verifier would, in order.

Decides which stored records do not hold: leaf and root, signatures, chain, states, authority, sealed bytes.
Pure: records come as an iterable, form bundles and people as functions. Never repairs and never stops early.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from engine.errors import Invalid, Problem
from engine.trust import (
    chain,
    checkpoint,
    identifiers,
    leaves,
    merkle,
    register,
    root,
    seal,
    signers,
    snapshot,
    statement,
    states,
)
from engine.trust.envelope import EVENT, TRUST_ROOT, TRUST_SNAPSHOT, Envelope
from engine.trust.log import Tree
from engine.trust.verdicts import Finding


class StoredPart(Protocol):
    """A sealed part beside its event."""

    @property
    def n(self) -> int: ...
    @property
    def nonce(self) -> bytes: ...
    @property
    def ct(self) -> bytes: ...


class StoredRecord(Protocol):
    """What the audit needs of a journal record."""

    @property
    def index(self) -> int: ...
    @property
    def envelope(self) -> Envelope: ...
    @property
    def received_at(self) -> str: ...
    @property
    def parts(self) -> Sequence[StoredPart]: ...


@dataclass(frozen=True, slots=True)
class Passed:
    """A record that somebody else examines: here only its leaf hash counts, so that the roots come out."""

    index: int
    leaf_hash: bytes


Forms = Callable[[str], bytes | None]
People = Callable[[snapshot.Snapshot], Iterable[Mapping[str, object]]]


def audit(
    records: Iterable[StoredRecord | Passed],
    *,
    trust: Sequence[root.TrustRoot],
    forms: Forms,
    people: People,
    checkpoints: Iterable[str] = (),
    tree: Tree | None = None,
) -> Iterator[Problem]:
    """Every problem of a journal, with `index` among its facts, in the order of the log.

    `trust` is the walked chain of roots, `forms` gives the canonical bytes of a form bundle by digest,
    `people` the entries a snapshot stands for. `checkpoints` are signed notes that must agree with the
    records. An empty `tree` may be given and holds the log afterwards. Two audits may share the work by
    documents, each passing the other's events; no document may be split, and snapshots go to both.

    1. indexes are gapless; the leaf is recomputed and appended
    2. snapshots: registrar threshold, version, name of the one before, people root, nothing about the past
    3. events: signatures, authority, order (as the verifier), nonce and (doc, seq) used once
    4. sealed parts have the digests that were signed (a part whose bytes are gone is not this audit's)
    5. checkpoints carry the log's signature and the root the records have at that size
    """
    yield from _Audit(trust, forms, people, tree if tree is not None else Tree()).run(
        records, sorted(map(_opened, checkpoints), key=_size)
    )


def _opened(note: str) -> checkpoint.Checkpoint:
    return checkpoint.open(note)


def _size(note: checkpoint.Checkpoint) -> int:
    return note.size


class _Audit:
    def __init__(self, trust: Sequence[root.TrustRoot], forms: Forms, people: People, tree: Tree) -> None:
        self.roots = trust
        self.top = trust[-1]
        self.forms = forms
        self.people_of = people
        self.tree = tree
        self.people: dict[str, snapshot.Person] = {}
        self.snapshot: snapshot.Snapshot | None = None
        self.snapshot_id = ""
        self.chains: dict[str, chain.Chain] = {}
        self.tables: dict[str, states.StateTable | None] = {}
        self.nonces: set[str] = set()
        self.suspects: list[tuple[chain.Chain, Finding, int]] = []

    def run(
        self, records: Iterable[StoredRecord | Passed], notes: list[checkpoint.Checkpoint]
    ) -> Iterator[Problem]:
        pending = iter(notes)
        note = next(pending, None)
        for record in records:
            if isinstance(record, Passed):
                yield from self._passed(record)
            else:
                yield from self._record(record)
            while note is not None and note.size <= len(self.tree):
                yield from self._checkpoint(note)
                note = next(pending, None)
        for here, found, index in self.suspects:
            if found.facts["seq"] not in here.confirmed:
                yield from _problems([found], index)
        while note is not None:
            # 5: the journal holds less than was signed
            yield Problem("", "audit.records_missing", {"index": len(self.tree), "size": note.size})
            note = next(pending, None)

    def _passed(self, record: Passed) -> Iterator[Problem]:
        if record.index != len(self.tree):
            yield Problem("", "audit.index", {"index": record.index, "expected": len(self.tree)})
        self.tree.append(record.leaf_hash)

    def _record(self, record: StoredRecord) -> Iterator[Problem]:
        # 1
        if record.index != len(self.tree):
            yield Problem("", "audit.index", {"index": record.index, "expected": len(self.tree)})
        envelope = record.envelope
        try:
            leaf = identifiers.leaf_hash(leaves.leaf_of(envelope, record.received_at))
        except Invalid as fault:
            yield from _unreadable(fault, record.index)
            self.tree.append(identifiers.leaf_hash(b""))
            return
        self.tree.append(leaf)
        try:
            if envelope.payload_type == TRUST_SNAPSHOT:
                yield from self._snapshot(envelope, record.index)
            elif envelope.payload_type == EVENT:
                yield from self._event(record)
            elif envelope.payload_type == TRUST_ROOT and not root.meets(
                envelope, root.read(envelope.payload).root
            ):
                yield Problem("", "identity.snapshot", {"index": record.index})
        except Invalid as fault:
            yield from _unreadable(fault, record.index)

    def _snapshot(self, envelope: Envelope, index: int) -> Iterator[Problem]:
        # 2
        one = snapshot.read(envelope.payload)
        # Each snapshot by the registrar of its own time; a verifier outside, who sees one, asks the newest.
        signers_then = self.roots[min(max(one.root_version, 1), len(self.roots)) - 1].registrar
        if not root.meets(envelope, signers_then) or one.origin != self.top.origin:
            yield Problem("", "identity.snapshot", {"index": index})
        version = self.snapshot.version + 1 if self.snapshot else 1
        if one.version != version or one.prev != self.snapshot_id:
            yield Problem("", "order.snapshots", {"index": index})
        entries = list(self.people_of(one))
        hashes = snapshot.people_leaves(entries)
        people = {each.person: each for each in map(snapshot.read_person, entries)}
        if len(hashes) != one.people_size or merkle.root_of(hashes) != one.people_root:
            yield Problem("", "audit.people", {"index": index})
        else:
            for code, person in register.judge_continuation(self.people, people, index):
                yield Problem("", code, {"index": index, "person": person})
        self.people = people
        self.snapshot, self.snapshot_id = one, identifiers.event_id(envelope.pae())

    def _event(self, record: StoredRecord) -> Iterator[Problem]:
        # 3
        envelope, index = record.envelope, record.index
        one = statement.read(envelope.payload)
        if one.nonce in self.nonces or one.origin != self.top.origin:
            yield Problem("", "audit.replay", {"index": index, "seq": one.seq})
        self.nonces.add(one.nonce)
        digest = one.form.sha256
        if digest not in self.tables:
            form = self.forms(digest)
            self.tables[digest] = states.read_table(form) if form is not None else None
        table = self.tables[digest]
        here = self.chains.setdefault(one.doc, chain.Chain())
        person = self.people.get(one.actor.person)
        yield from _problems(signers.judge_signatures(envelope, one, index, person, self.top), index)
        for found in chain.judge_authority(here, one, index, person, self.top, table):
            if found.code == "authority.suspect":
                self.suspects.append((here, found, index))  # perhaps somebody confirms it further on
            elif found.code != "authority.reaffirm":
                # Suspicion is told by a later register than that of the time: verifiers judge confirmations.
                yield from _problems([found], index)
        yield from _problems(chain.judge_order(here, one, index, table), index)
        here.take(one, identifiers.event_id(envelope.pae()), index, table)
        # 4
        refs = {part.n: part for part in one.parts}
        for part in record.parts:
            ref = refs.get(part.n)
            if ref is None or not seal.is_stored_part(ref, part.nonce, part.ct):
                yield Problem("", "audit.part", {"index": index, "part": part.n})

    def _checkpoint(self, note: checkpoint.Checkpoint) -> Iterator[Problem]:
        # 5
        key = self.top.log_key(note.size) if note.size else None
        if note.origin != self.top.origin or (
            note.size and (key is None or not checkpoint.is_signed_by(note, key))
        ):
            yield Problem("", "integrity.checkpoint_signature", {"index": note.size, "size": note.size})
        if self.tree.root(note.size) != note.root:
            yield Problem("", "audit.root", {"index": note.size, "size": note.size})


def _problems(findings: Iterable[Finding], index: int) -> Iterator[Problem]:
    for one in findings:
        level = "error" if one.status == "bad" else "warning"
        yield Problem("", one.code, {**one.facts, "index": index}, level)


def _unreadable(fault: Invalid, index: int) -> Iterator[Problem]:
    for one in fault.problems:
        yield Problem(one.pointer, "audit.unreadable", {"index": index, "problem": one.code})
