"""Standing by events that were signed with a key in a suspect window (trust.md §2.3).

Decides which events of a document are suspect and who may confirm them: somebody else, whose role may take
the same steps and whom no rule of those steps shuts out. The verifier judges the same from outside
(docs/format.md "What happened afterwards"). Never changes the events: a confirmation is an event of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.desk import events, people, reading
from engine.desk.desk import Desk, Ticket
from engine.errors import Conflict, NotAllowed, NotFound
from engine.identity import local_day
from engine.lifecycle.people import Actor, Grant
from engine.projection import DocumentRow, StepRow
from engine.registry.compiled import CompiledForm
from engine.trust import statement
from engine.trust.chain import REAFFIRM, Chain, judge_authority, judge_order, settle
from engine.trust.root import read_trust_file, walk
from engine.trust.snapshot import Person, read_person
from engine.trust.statement import FormRef
from engine.trust.states import table_of
from engine.trust.verdicts import Finding


@dataclass(frozen=True, slots=True)
class Suspect:
    """A suspect step of a document, and from which log index on its signer's key is suspect."""

    step: StepRow
    since: int


def suspects(desk: Desk, row: DocumentRow, form: CompiledForm) -> tuple[Suspect, ...]:
    """The steps that are suspect and that nobody has confirmed yet."""
    _, findings = _judged(desk, row, form)
    since = {one.facts["seq"]: one.facts["since"] for one in findings if one.code == "authority.suspect"}
    return tuple(Suspect(step, since[step["seq"]]) for step in row["steps"] if step["seq"] in since)


def reaffirm(
    desk: Desk, actor: Actor, doc: str, expected_head: str, unlock: str | None
) -> Ticket[str]:
    """Confirm every suspect step of a document that the actor may confirm; the event's id.

    Raises `NotFound("reaffirm.nothing")`, `NotAllowed("reaffirm.not_yours")`, `Conflict`, `NeedsUnlock`.
    """
    with desk.journal.sequencing():
        actor = people.as_of_now(desk, actor)
        row, form = reading.readable_row(desk, actor, doc)
        if expected_head != row["head"]:
            raise Conflict("document.changed", state=row["state"], head=row["head"])
        found = suspects(desk, row, form)
        if not found:
            raise NotFound("reaffirm.nothing")
        for grant in actor.grants_on(local_day(desk.clock.now())):
            mine = [one.step["event"] for one in found if _may(desk, row, form, actor, grant, one)]
            if mine:
                return events.append(desk, _event(row, actor, grant, mine), unlock, _event_of)
    raise NotAllowed("reaffirm.not_yours")


def _may(
    desk: Desk, row: DocumentRow, form: CompiledForm, actor: Actor, grant: Grant, suspect: Suspect
) -> bool:
    """Asked of the verifier's own rules, so that nothing is appended which those would refuse."""
    chain, _ = _judged(desk, row, form)
    held = chain.suspects[suspect.step["event"]]
    return actor.person != held.person and (
        not held.moves
        or any(
            grant.role in move.roles and not any(chain.means(actor.person, word) for word in move.not_by)
            for move in held.moves
        )
    )


def _judged(desk: Desk, row: DocumentRow, form: CompiledForm) -> tuple[Chain, list[Finding]]:
    table, chain = table_of(form.bundle.states), Chain()
    top = walk(read_trust_file(desk.trust.root_chain()))[-1]
    persons = {one["person"] for one in row["steps"]}
    held: dict[str, Person] = {
        entry["person"]: read_person(entry) for entry in people.entries(desk) if entry["person"] in persons
    }
    findings: list[Finding] = []
    for step in row["steps"]:
        one = statement.read(desk.journal.read(step["index"]).envelope.payload)
        findings += judge_authority(chain, one, step["index"], held.get(one.actor.person), top, table)
        findings += judge_order(chain, one, step["index"], table)
        chain.take(one, step["event"], step["index"], table)
    return chain, settle(findings, chain)


def _event(row: DocumentRow, actor: Actor, grant: Grant, named: list[str]) -> events.NewEvent:
    return events.NewEvent(
        doc=row["doc"],
        seq=row["seq"] + 1,
        prev=row["head"],
        type=REAFFIRM,
        actor=actor,
        role=grant.role,
        grant=grant,
        form=FormRef(row["form"], row["version"], row["digest"]),
        source=row["state"],
        target=row["state"],
        saw={"events": named},
    )


def _event_of(written: events.Written, _committed: object) -> str:
    return written.event

