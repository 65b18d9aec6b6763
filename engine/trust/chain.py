"""The chain of a document's events: order, states and who did what before.

Decides whether an event continues its document and whether its actor was allowed to by role, by the log
index and by what the same person did earlier. Used alike by the verifier (one document, from outside) and
by the audit (the whole journal). Never checks signatures: `engine.trust.signers` does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from engine.trust.identifiers import kid
from engine.trust.root import TrustRoot
from engine.trust.snapshot import Person
from engine.trust.statement import SYSTEM_ROLE, Statement
from engine.trust.states import Move, StateTable
from engine.trust.verdicts import Finding, bad, good, unknown

SUBMIT = "submit"
NO_FORM = "0" * 64
# Events that stand in the chain without moving the document from one state to another.
REAFFIRM, CONSENT, SHRED, AMEND = "review.reaffirm", "shred.approve", "shred", "amend"
STATELESS_TYPES = frozenset({"reseal", SHRED, CONSENT, "issue", "key.rewrap", REAFFIRM, AMEND})
CONSENTS_NEEDED = 2


@dataclass(frozen=True, slots=True)
class Suspect:
    """An event whose signer's key may have been somebody else's, and the steps it stands for."""

    seq: int
    person: str
    moves: tuple[Move, ...]


@dataclass(frozen=True, slots=True)
class Consent:
    """One person's approval of destroying the content: with which key, on which legal basis."""

    person: str
    key: str
    basis: str


@dataclass(slots=True)
class Chain:
    """What is known of a document after its latest event."""

    doc: str = ""
    seq: int = 0
    head: str = ""
    state: str = ""
    index: int = -1
    agency: str = ""
    creator: str = ""
    submitters: set[str] = field(default_factory=set)
    collectors: set[str] = field(default_factory=set)
    doers: dict[str, str] = field(default_factory=dict)  # transition name → who did it last
    holder: str = ""
    last_actor: str = ""
    unit: str = ""
    unchecked: set[str] = field(default_factory=set)
    suspects: dict[str, Suspect] = field(default_factory=dict)  # by event id
    confirmed: dict[int, int] = field(default_factory=dict)  # a suspect event's number → who confirmed: index
    consents: dict[str, Consent] = field(default_factory=dict)  # by event id
    destroyed_at: int | None = None
    judged: Suspect | Consent | None = None  # what `judge_authority` found of the event to be taken

    def means(self, person: str, word: str) -> bool:
        """Whether a word of `not_by` or `same_as` means this person now."""
        return person in _persons(self, word)

    def take(self, one: Statement, event: str, index: int, table: StateTable | None) -> None:
        """Remember an event as the latest."""
        if isinstance(self.judged, Suspect):
            self.suspects[event] = self.judged
        elif self.judged is not None:
            self.consents[event] = self.judged
        self.judged = None
        for move in table.find(one.transition, one.source, one.target) if table is not None else ():
            if move.holder:
                self.holder = one.actor.person if move.holder in ("takes", "take") else ""
        if self.seq == 0:
            self.doc, self.agency, self.creator = one.doc, one.agency, one.actor.person
        self.seq, self.head, self.index = one.seq, event, index
        self.state = one.target
        if one.type == SUBMIT or one.transition == SUBMIT:
            self.submitters.add(one.actor.person)
        if one.header.get("collector"):
            self.collectors.add(str(one.header["collector"]))
        if one.transition:
            self.doers[one.transition] = one.actor.person
            self.last_actor = one.actor.person
        self.unit = str(one.header.get("dept_code", self.unit))


def judge_order(chain: Chain, one: Statement, index: int, table: StateTable | None) -> list[Finding]:
    """Whether the event follows the one before: number, name of the one before, index, document, state."""
    place = {"seq": one.seq, "index": index}
    out: list[Finding] = []
    if one.seq != chain.seq + 1:
        out.append(bad("order", "order.gap", expected=chain.seq + 1, **place))
    if one.prev != chain.head:
        out.append(bad("order", "order.prev", **place))
    if index <= chain.index:
        out.append(bad("order", "order.index", **place))
    if chain.seq and (one.doc != chain.doc or one.agency != chain.agency):
        out.append(bad("order", "order.document", **place))
    if table is None and one.form.sha256 == NO_FORM and not one.transition:
        # Records of keys, grants and reviews are no documents of a form: they have no states.
        return (
            out
            if one.source == one.target
            else [*out, bad("order", "order.transition", transition="", **place)]
        )
    if table is None:
        return [*out, bad("order", "order.form_missing", **place)]
    expected = chain.state if chain.seq else table.initial
    if one.source != expected:
        out.append(bad("order", "order.state", expected=expected, found=one.source, **place))
    if one.type in STATELESS_TYPES and not one.transition:
        if one.target != one.source:
            out.append(bad("order", "order.transition", transition=one.type, **place))
    elif not table.find(one.transition, one.source, one.target):
        out.append(
            bad(
                "order",
                "order.transition",
                transition=one.transition,
                source=one.source,
                target=one.target,
                **place,
            )
        )
    return out


def judge_authority(
    chain: Chain, one: Statement, index: int, person: Person | None, root: TrustRoot, table: StateTable | None
) -> list[Finding]:
    """Whether key, grant and role were valid at this index, and no own work was judged (four eyes)."""
    place = {"seq": one.seq, "index": index}
    moves = table.find(one.transition, one.source, one.target) if table is not None else ()
    for move in moves:
        chain.unchecked.update(move.unchecked)
    chain.judged = None
    if one.actor.role == SYSTEM_ROLE:
        if one.type == SHRED:
            return _judge_shred(chain, one, index)
        if moves and not any(SYSTEM_ROLE in move.roles for move in moves):
            return [
                bad("authority", "authority.role", role=one.actor.role, transition=one.transition, **place)
            ]
        return []
    if person is None:
        return [unknown("authority", "authority.person_missing", **place)]
    out = [*_judge_key(one, index, person), *_judge_grant(one, index, person)]
    if one.actor.role not in root.roles:
        out.append(bad("authority", "authority.role_unknown", role=one.actor.role, **place))
    if moves:
        faults = [_faults_of(chain, one, move, index) for move in moves]
        if all(faults):
            out.extend(faults[0])
    if one.type == SHRED:
        out.append(bad("authority", "authority.shred", **place))
    if one.type == REAFFIRM:
        out.extend(_judge_reaffirmation(chain, one, index, sound=not out))
    if any(each.code == "authority.suspect" for each in out):
        chain.judged = Suspect(one.seq, one.actor.person, moves)
    elif one.type == CONSENT and not out:
        chain.judged = Consent(one.actor.person, one.actor.key, _basis_of(one))
    return out


def settle(findings: Iterable[Finding], chain: Chain) -> list[Finding]:
    """The findings once the whole chain is known: what was confirmed is no longer suspect, and says so."""
    out: list[Finding] = []
    for each in findings:
        seq = each.facts.get("seq", 0)
        confirmed = chain.confirmed.get(seq) if each.code == "authority.suspect" else None
        facts = {"seq": seq, "by_index": confirmed}
        out.append(each if confirmed is None else good("authority", "authority.reaffirmed", **facts))
    if chain.destroyed_at is not None:
        out.append(good("integrity", "integrity.destroyed", index=chain.destroyed_at))
    return out


def _judge_reaffirmation(chain: Chain, one: Statement, index: int, *, sound: bool) -> list[Finding]:
    """Somebody else, who might have taken each of the named steps, stands by them (trust.md §2.3)."""
    named = [chain.suspects.get(event) for event in one.saw.get("events", ())]
    found = [each for each in named if each is not None]
    if not named or len(found) != len(named) or not all(_may_confirm(chain, one, each) for each in found):
        return [bad("authority", "authority.reaffirm", seq=one.seq, index=index, person=one.actor.person)]
    if sound:
        chain.confirmed.update({each.seq: index for each in found})
    return []


def _may_confirm(chain: Chain, one: Statement, suspect: Suspect) -> bool:
    person = one.actor.person
    return person != suspect.person and (
        not suspect.moves
        or any(
            one.actor.role in move.roles and not any(person in _persons(chain, word) for word in move.not_by)
            for move in suspect.moves
        )
    )


def _basis_of(one: Statement) -> str:
    basis = one.body.get("basis")
    return basis if isinstance(basis, str) else ""


def _judge_shred(chain: Chain, one: Statement, index: int) -> list[Finding]:
    """Content may be destroyed once two people, with two keys, have approved it on one legal basis."""
    named, basis = one.body.get("approvals"), _basis_of(one)
    events = [str(each) for each in named] if isinstance(named, list) else []
    consents = [chain.consents.get(event) for event in events]
    found = [each for each in consents if each is not None and each.basis == basis]
    counted = min(len({each.person for each in found}), len({each.key for each in found}))
    if counted < CONSENTS_NEEDED or len(found) != len(consents) or not basis:
        return [bad("authority", "authority.shred", seq=one.seq, index=index)]
    chain.destroyed_at = index
    return []


def _judge_key(one: Statement, index: int, person: Person) -> list[Finding]:
    place = {"seq": one.seq, "index": index, "person": person.person}
    key = next((key for key in person.keys if kid(key.key, key.suite) == one.actor.key), None)
    if key is None or not key.valid.contains(index):
        return [bad("authority", "authority.key", **place)]
    if key.suspect_since_index is not None and index >= key.suspect_since_index:
        return [unknown("authority", "authority.suspect", since=key.suspect_since_index, **place)]
    return []


def _judge_grant(one: Statement, index: int, person: Person) -> list[Finding]:
    actor = one.actor
    for grant in person.grants:
        is_this = grant.id == actor.grant and grant.role == actor.role and grant.unit in ("", actor.unit)
        if is_this and grant.valid.contains(index):
            return []
    return [
        bad("authority", "authority.grant", role=actor.role, person=actor.person, seq=one.seq, index=index)
    ]


def _faults_of(chain: Chain, one: Statement, move: Move, index: int) -> list[Finding]:
    person, place = one.actor.person, {"seq": one.seq, "index": index}
    out: list[Finding] = []
    if one.actor.role not in move.roles:
        out.append(bad("authority", "authority.role", role=one.actor.role, transition=move.name, **place))
    for word in move.not_by:
        if person in _persons(chain, word):
            out.append(bad("authority", "authority.own_work", person=person, rule=word, **place))
    unit = chain.unit if move.unit == "document" else move.unit
    if unit and one.actor.unit != unit:
        out.append(bad("authority", "authority.unit", unit=one.actor.unit, needed=unit, **place))
    # The first event has nobody before it: whoever submits is the creator.
    if move.same_as and chain.seq and person not in _persons(chain, move.same_as):
        out.append(bad("authority", "authority.not_same", person=person, rule=move.same_as, **place))
    return out


def _persons(chain: Chain, word: str) -> set[str]:
    """Who is meant by a word of `not_by` or `same_as`: somebody's part, or the name of a transition."""
    if word in ("creator", "created_by"):
        return {chain.creator} if chain.creator else set()
    if word in ("submitter", "submitted_by"):
        return chain.submitters
    if word in ("collector", "collected_by"):
        return chain.collectors
    if word in ("claimed_by", "last_actor"):
        found = chain.holder if word == "claimed_by" else chain.last_actor
    else:
        found = chain.doers.get(word, "")
    return {found} if found else set()
