"""The judgement of a proof bundle by someone who holds nothing but a trust file.

Decides five verdicts. Never asks a network or a clock, never raises for any bytes, never takes a key, a leaf
or a state from the bundle where it can be looked up or recomputed. The steps, each a block below:

1. read: the bytes are a canonical bundle of the known format
2. trust: walk the roots from the pinned one to the newest; without one, use the bundle's own and say so
3. checkpoint: origin, log key for its size, quorum of witnesses
4. inclusion: recompute the leaf of every snapshot and event from its envelope, prove it in the log
5. signatures: on the exact bytes, by keys looked up by person in the newest snapshot, and the platform's
6. authority: key and grant valid at the event's index, the role may take the step, nobody judged own work
7. chain: gapless numbers, each names the one before, states follow the pinned form; the head statement agrees
8. disclosures: every disclosed field leads to the root that was signed
9. freshness: nothing is expired, nothing is older than what this verifier has seen
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from engine.errors import Invalid
from engine.trust import (
    bundle,
    chain,
    checkpoint,
    commitments,
    head,
    identifiers,
    keys,
    leaves,
    merkle,
    policy,
    root,
    signers,
    snapshot,
    statement,
    states,
    tlogproof,
)
from engine.trust.envelope import EVENT, HEAD, TRUST_SNAPSHOT, Envelope
from engine.trust.verdicts import (
    DisclosedValue,
    EventView,
    Finding,
    Name,
    Policy,
    Report,
    bad,
    conclude,
    unknown,
)

DEFAULT = Policy()


def verify(data: bytes, trust: bytes | None, policy: Policy = DEFAULT, now: datetime | None = None) -> Report:
    """Judge a bundle. `trust` is the pinned trust.json (None: none is held here); `now` is aware.

    Without `now` freshness is unknown. Any bytes whatever get a report.
    """
    judge = _Judge(policy, now)
    try:
        judge.run(data, trust)
    except _StoppedError:
        pass
    except Invalid as fault:
        judge.stop_for(fault)
    except Exception as fault:  # a hole in the steps must never look like a good answer
        judge.findings.append(bad("integrity", "integrity.malformed", kind=type(fault).__name__))
    return judge.report()


class _StoppedError(Exception):
    """A step failed in such a way that those after it mean nothing."""


class _Judge:
    """One judgement under way: what was found, and what may be shown."""

    def __init__(self, rules: Policy, now: datetime | None) -> None:
        self.rules = rules
        self.now = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if now is not None else None
        self.findings: list[Finding] = []
        self.step = 0
        self.types: frozenset[str] = frozenset()
        self.pinned = False
        self.chain = chain.Chain()
        self.last: statement.Statement | None = None
        self.header: dict[str, Any] = {}
        self.events: list[EventView] = []
        self.values: list[DisclosedValue] = []
        self.trust: dict[str, Any] = {}
        self.log: dict[str, Any] = {}

    def run(self, data: bytes, trust: bytes | None) -> None:
        # 1
        found = bundle.read(data)
        self.step = 1
        # 2
        top = self._walk(found, trust)
        self.types = frozenset(top.payload_types)
        self.step = 2
        # 3
        note = self._checkpoint(found.note, top)
        self.step = 3
        # 4
        newest, people = self._snapshots(found, top, note)
        logged = [(*one, self._included(*one, found.note, note)) for one in found.events]
        self.step = 4
        # 5, 6, 7
        self._walk_events(logged, found, people, top)
        self.step = 6
        self._head(found.head, top, note)
        self.step = 7
        # 8
        self._disclosures(found, [envelope for envelope, _, _, _ in logged])
        self.step = 8
        # 9
        self._freshness(top, newest, note)
        self.step = 9

    def fail(self, verdict: Name, code: str, /, **facts: Any) -> _StoppedError:
        self.findings.append(bad(verdict, code, **facts))
        return _StoppedError()

    def stop_for(self, fault: Invalid) -> None:
        first = fault.problems[0] if fault.problems else None
        facts = {"pointer": first.pointer, "problem": first.code} if first else {}
        code = "integrity.not_a_bundle" if self.step == 0 else "integrity.malformed"
        self.findings.append(bad("integrity", code, **facts))

    def _walk(self, found: bundle.Bundle, trust: bytes | None) -> root.TrustRoot:
        carried = root.walk(found.trust)
        top = carried[-1]
        self.trust = {
            "agency": dict(top.agency),
            "origin": top.origin,
            "root_version": top.version,
            "fingerprint": root.fingerprint_of(found.trust[0]),
        }
        if trust is None:
            self.findings.append(unknown("identity", "identity.not_known_here", **self.trust["agency"]))
            return top
        try:
            pinned = root.read_trust_file(trust)
            mine = root.walk(pinned)
        except Invalid:
            raise self.fail("identity", "identity.trust_file") from None
        # Both chains are complete and hold; they are of one family when the shorter begins the longer.
        if any(a.pae() != b.pae() for a, b in zip(pinned, found.trust, strict=False)):
            self.findings.append(bad("identity", "identity.other_root", **self.trust["agency"]))
            return top
        self.pinned = True
        if len(mine) > len(carried):
            # What the verifier knows is newer than the bundle: judge by the newer.
            top = mine[-1]
            self.trust["root_version"] = top.version
        if top.version < self.rules.min_root_version:
            self.findings.append(bad("freshness", "freshness.older_root", known=self.rules.min_root_version))
        return top

    def _checkpoint(self, text: str, top: root.TrustRoot) -> checkpoint.Checkpoint:
        note = checkpoint.open(text)
        if note.origin != top.origin:
            raise self.fail("order", "order.origin", origin=note.origin)
        key = top.log_key(note.size) if note.size else None
        if key is None or not checkpoint.is_signed_by(note, key):
            raise self.fail("integrity", "integrity.checkpoint_signature")
        witnesses = policy.parse(top.witness_policy)
        seen = checkpoint.cosignatures(note, witnesses.witnesses.values())
        if not policy.is_satisfied(witnesses, [one.public_key for one in seen]):
            self.findings.append(bad("order", "order.quorum", seen=len(seen)))
        # Lines that no configured key explains are ignored by signed-note; a bundle has no use for them.
        known = {(one.name, one.key_id) for one in (*witnesses.witnesses.values(), key)}
        lines = [(one.name, one.key_id) for one in note.signatures]
        if not set(lines) <= known or len(lines) != 1 + len(seen):
            raise self.fail("integrity", "integrity.checkpoint_lines")
        times = [
            datetime.fromtimestamp(min(one.time, 2**37), UTC).strftime("%Y-%m-%dT%H:%M:%SZ") for one in seen
        ]
        self.log = {
            "origin": note.origin,
            "size": note.size,
            "root": note.root.hex(),
            "witnesses": sorted(one.name for one in seen),
            "witnessed_at": max(times) if times else None,
        }
        return note

    def _included(
        self,
        envelope: Envelope,
        received_at: str,
        proof: tlogproof.TlogProof,
        text: str,
        note: checkpoint.Checkpoint,
    ) -> int:
        if envelope.payload_type not in self.types:
            raise self.fail("integrity", "integrity.payload_type", index=proof.index)
        if proof.note != text or proof.extra:
            raise self.fail("integrity", "integrity.other_checkpoint", index=proof.index)
        leaf = identifiers.leaf_hash(leaves.leaf_of(envelope, received_at))
        if not merkle.verify_inclusion(leaf, proof.index, note.size, proof.proof, note.root):
            raise self.fail("integrity", "integrity.not_in_log", index=proof.index)
        return proof.index

    def _snapshots(
        self, found: bundle.Bundle, top: root.TrustRoot, note: checkpoint.Checkpoint
    ) -> tuple[snapshot.Snapshot, dict[str, snapshot.Person]]:
        newest: snapshot.Snapshot | None = None
        people: dict[str, snapshot.Person] = {}
        last = -1
        for envelope, received_at, proof, entries in found.snapshots:
            index = self._included(envelope, received_at, proof, found.note, note)
            if envelope.payload_type != TRUST_SNAPSHOT or not root.meets(envelope, top.registrar):
                raise self.fail("identity", "identity.snapshot", index=index)
            one = snapshot.read(envelope.payload)
            if any(each.public_key not in top.registrar.keys for each in envelope.signatures):
                raise self.fail("identity", "identity.snapshot", index=index)
            if one.origin != top.origin or one.root_version > top.version:
                raise self.fail("identity", "identity.snapshot", index=index)
            if newest is not None and (one.version <= newest.version or index <= last):
                raise self.fail("order", "order.snapshots", index=index)
            people = {
                each.person: each for each in (snapshot.read_proven_person(raw, one) for raw in entries)
            }
            newest, last = one, index
        if newest is None:
            raise self.fail("identity", "identity.no_snapshot")
        self.trust["snapshot_version"] = newest.version
        return newest, people

    def _walk_events(
        self,
        logged: list[tuple[Envelope, str, tlogproof.TlogProof, int]],
        found: bundle.Bundle,
        people: dict[str, snapshot.Person],
        top: root.TrustRoot,
    ) -> None:
        if not logged:
            raise self.fail("order", "order.empty")
        for envelope, received_at, _, index in logged:
            if envelope.payload_type != EVENT:
                raise self.fail("integrity", "integrity.payload_type", index=index)
            one = statement.read(envelope.payload)
            if one.origin != top.origin:
                raise self.fail("order", "order.origin", origin=one.origin)
            if one.agency != top.agency["code"]:
                self.findings.append(bad("identity", "identity.agency", agency=one.agency))
            if one.suite not in self.rules.suites:
                raise self.fail("integrity", "integrity.suite", seq=one.seq, index=index)
            person = people.get(one.actor.person)
            form = found.forms.get(one.form.sha256)
            table = states.read_table(form) if form is not None else None
            # 5
            self.findings += signers.judge_signatures(envelope, one, index, person, top)
            # 6
            self.findings += chain.judge_authority(self.chain, one, index, person, top, table)
            # 7
            self.findings += chain.judge_order(self.chain, one, index, table)
            event = identifiers.event_id(envelope.pae())
            self.chain.take(one, event, index, table)
            self.last = one
            self.header |= one.header
            self.events.append(_view(one, event, index, received_at))
        self.findings = chain.settle(self.findings, self.chain)

    def _head(self, envelope: Envelope, top: root.TrustRoot, note: checkpoint.Checkpoint) -> None:
        if envelope.payload_type != HEAD or HEAD not in self.types:
            raise self.fail("order", "order.head")
        for each in envelope.signatures:
            by_platform = top.platform_key(each.public_key, note.size - 1) is not None
            if not by_platform or not keys.is_valid(each.public_key, envelope.pae(), each.signature):
                raise self.fail("order", "order.head_signature")
        said = head.read(envelope.payload)
        here = head.Head(
            note.origin, self.chain.doc, self.chain.head, self.chain.seq, self.chain.state, note.size
        )
        if said != here:
            self.findings.append(bad("order", "order.head", said=said.seq, found=here.seq))

    def _disclosures(self, found: bundle.Bundle, envelopes: list[Envelope]) -> None:
        parts: dict[tuple[str, int], tuple[int, statement.PartRef]] = {}
        for envelope, view in zip(envelopes, self.events, strict=True):
            for part in statement.read(envelope.payload).parts if found.disclosures else ():
                parts[view.event, part.n] = (view.seq, part)
        for one in found.disclosures:
            place = parts.get((one.event, one.part))
            if place is None:
                raise self.fail("integrity", "integrity.disclosure_place")
            seq, part = place
            if not commitments.is_disclosed(one.disclosure, part.leaves, bytes.fromhex(part.root)):
                raise self.fail("integrity", "integrity.disclosure", path=one.disclosure.path, seq=seq)
            self.values.append(DisclosedValue(seq, part.klass, one.disclosure.path, one.disclosure.value))

    def _freshness(self, top: root.TrustRoot, newest: snapshot.Snapshot, note: checkpoint.Checkpoint) -> None:
        if newest.version < self.rules.min_snapshot_version:
            self.findings.append(
                bad("freshness", "freshness.older_snapshot", known=self.rules.min_snapshot_version)
            )
        if note.size < self.rules.min_checkpoint_size:
            self.findings.append(
                bad("freshness", "freshness.older_checkpoint", known=self.rules.min_checkpoint_size)
            )
        if self.now is None:
            self.findings.append(unknown("freshness", "freshness.no_clock", as_of=newest.issued_at))
            return
        if self.now > newest.expires:
            self.findings.append(unknown("freshness", "freshness.snapshot_expired", as_of=newest.expires))
        if self.now > top.expires:
            self.findings.append(unknown("freshness", "freshness.root_expired", as_of=top.expires))
        if self.now < newest.issued_at:
            self.findings.append(unknown("freshness", "freshness.clock", issued_at=newest.issued_at))

    def report(self) -> Report:
        facts = {"size": self.log.get("size"), "seq": self.chain.seq, "now": self.now}
        last = self.last
        return Report(
            verdicts=conclude(self.findings, self.step, facts),
            step=self.step,
            pinned=self.pinned,
            doc=self.chain.doc,
            state=self.chain.state,
            seq=self.chain.seq,
            form=last.form.id if last else "",
            version=last.form.version if last else "",
            header=self.header,
            events=tuple(self.events),
            values=tuple(self.values),
            unchecked=tuple(sorted(self.chain.unchecked)),
            trust=self.trust,
            log=self.log,
        )


def _view(one: statement.Statement, event: str, index: int, received_at: str) -> EventView:
    return EventView(
        index=index,
        seq=one.seq,
        event=event,
        type=one.type,
        transition=one.transition,
        source=one.source,
        target=one.target,
        person=one.actor.person,
        role=one.actor.role,
        unit=one.actor.unit,
        tier=str(one.auth.get("tier", "")),
        time=one.time,
        received_at=received_at,
        form=one.form.id,
        version=one.form.version,
    )
