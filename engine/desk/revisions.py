"""What revision documents say: which versions and clauses they change, what was published, what stands.

Decides nothing about publication (`publishing` does). Which documents those are is said by their form's
states file (`publishes`), never by a name here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from engine.desk import reading, version_drafts
from engine.desk.counting import standing_in
from engine.desk.desk import Desk
from engine.desk.version_checks import LIFT_FILE
from engine.errors import Broken, Problem
from engine.identity import local_day
from engine.lifecycle.people import Actor
from engine.lifecycle.publishes import Publishes
from engine.lifecycle.workflow import PUBLISH_FORMS
from engine.ports import ListView
from engine.projection import DocumentRow
from engine.registry.bundle import digest_of
from engine.registry.compiled import CompiledForm, compile_bundle
from engine.registry.pointers import look
from engine.trust import canonical
from engine.trust.identifiers import event_id
from engine.versions import regulation, standing
from engine.versions.published import DraftsRule, Published, published_in
from engine.versions.regulation import Amendment, ClauseChange, Regulation

PAGE = 200
MOST_REMEMBERED = 256


def load(desk: Desk) -> None:
    """Take every version that the log publishes into the registry: called when a data folder is opened.

    Raises Broken("form.not_kept") when a published bundle is not in the forms folder.
    """
    admitted = []
    for entry in published(desk):
        kept = desk.workshop.archive.bundle(entry.digest)
        if kept is None or (kept[0].form, kept[0].version) != (entry.form, entry.version):
            raise Broken("form.not_kept", digest=entry.digest)
        admitted.append((compile_bundle(*kept), entry))
    desk.registry.admit(admitted)


def published(desk: Desk) -> tuple[Published, ...]:
    """Every version published at run time, in the order of the log."""
    found = [entry for _, index in publications(desk) for entry in _entries(desk, index)]
    return tuple(sorted(found, key=lambda entry: entry.index))


def publications(desk: Desk) -> Iterator[tuple[DocumentRow, int]]:
    """Each revision document that was published, with the log index of its publication."""
    for row in revision_rows(desk):
        index = _published_at(desk, row)
        if index is not None:
            yield row, index


def revision_rows(desk: Desk) -> Iterator[DocumentRow]:
    """Every document of a form that publishes, open or closed."""
    forms = tuple(sorted({one.form for one in desk.registry.known() if one.workflow.publishes is not None}))
    place: str | None = None
    while forms:
        page = desk.store.page(ListView(forms=forms), place, PAGE)
        yield from page.rows
        place = page.next
        if place is None:
            return


def audit(desk: Desk) -> list[Problem]:
    """What is published in the log and not kept, or not in the registry, as it was signed."""
    problems: list[Problem] = []
    for entry in published(desk):
        facts = {"index": entry.index, "form": entry.form, "version": entry.version}
        kept = desk.workshop.archive.bundle(entry.digest)
        if kept is None or (kept[0].form, kept[0].version) != (entry.form, entry.version):
            problems.append(Problem("", "form.not_kept", facts))
        if entry.lift and desk.workshop.archive.lift(entry.lift) is None:
            problems.append(Problem("", "form.lift_not_kept", facts))
        span = next((one for one in desk.registry.spans(entry.form) if one.form.digest == entry.digest), None)
        if span is None or span.first.isoformat() != entry.effective_on:
            problems.append(Problem("", "form.registry_differs", facts))
    return problems


def lift_of(desk: Desk, form: str, version: str) -> Any | None:
    """The lift (parsed JSON) by which answers of the version before are read under `version`; None when
    it has none. NotFound for a version that is not published."""
    span = desk.registry.span(form, version)
    if span.published is not None:
        return desk.workshop.archive.lift(span.published.lift) if span.published.lift else None
    paper = desk.workshop.archive.papers(span.form.digest).get(LIFT_FILE)
    return None if paper is None else canonical.parse_bundle(paper)


def lift_digest(lift: Any) -> str:
    """The digest by which a lift is signed and kept."""
    return digest_of(lift)


def text_in_force(desk: Desk, day: str) -> Regulation:
    """The regulation as it stood, or will stand, on a day (YYYY-MM-DD)."""
    return regulation.text_in_force(desk.workshop.regulation, amendments(desk), day)


def newest_text(desk: Desk) -> Regulation:
    """The regulation once everything published is in force: what the next revision starts from."""
    return text_in_force(desk, date.max.isoformat())


def amendments(desk: Desk) -> tuple[Amendment, ...]:
    """What the published revision documents did to the text, in the order of the log."""
    out = []
    for row, index in publications(desk):
        rules = desk.registry.by_digest(row["digest"]).workflow.publishes
        if rules is not None:
            out.append(_amendment(desk, rules, row, index))
    return tuple(sorted(out, key=lambda one: one.index))


_amendments: OrderedDict[str, Amendment] = OrderedDict()


def _amendment(desk: Desk, rules: Publishes, row: DocumentRow, index: int) -> Amendment:
    """What one publication did; remembered by its event, whose name covers the content it stands on."""
    record = desk.journal.read(index)
    event = event_id(record.envelope.pae())
    known = _amendments.get(event)
    if known is not None:
        return known
    said = record.statement()["body"]["regulation"]
    entries = published_in(record.statement(), index)
    made = Amendment(
        version=said["version"],
        effective_on=said["effective_on"],
        revision=row["doc"],
        index=index,
        changes=clause_changes(rules, reading.answers_of(desk, row)),
        forms=tuple((one.clause, one.form, one.version) for one in entries if one.clause),
    )
    _amendments[event] = made
    while len(_amendments) > MOST_REMEMBERED:
        _amendments.popitem(last=False)
    return made


def lives(desk: Desk, actor: Actor, form: str) -> tuple[standing.Life, ...]:
    """Every version of a form with where it stands today, newest first."""
    version_drafts.check_writer(desk, actor)
    dated = [
        standing.Dated(
            span.form.version,
            span.form.digest,
            span.first.isoformat(),
            span.published.revision if span.published is not None else "",
        )
        for span in desk.registry.spans(form)
    ]
    drafts = [
        (one.id, one.version, version_drafts.digest_or_nothing(one))
        for one in desk.workshop.drafts.all()
        if one.form == form
    ]
    today = local_day(desk.clock.now())
    return standing.lives_of(dated, proposed(desk, form), drafts, unfinished(desk, form), today)


def proposed(desk: Desk, form: str) -> tuple[standing.Named, ...]:
    """The versions of a form that open revision documents name."""
    out = []
    for row in revision_rows(desk):
        made = desk.registry.by_digest(row["digest"])
        rules, state = made.workflow.publishes, made.workflow.states[row["state"]]
        if rules is None or state.is_final or _published_at(desk, row) is not None:
            continue
        for one in lines_of(rules, reading.answers_of(desk, row)):
            if one.get("form") == form:
                agreed = row["state"] in rules.agreed
                out.append(standing.Named(str(one["version"]), str(one["sha256"]), row["doc"], agreed))
    return tuple(out)


def unfinished(desk: Desk, form: str) -> dict[str, int]:
    """How many documents of a form are in no final state, by the digest of their version."""
    counts: dict[str, int] = {}
    for version, states in standing_in(desk, form).items():
        made = desk.registry.by_digest(version)
        open_ones = sum(n for state, n in states.items() if not made.workflow.states[state].is_final)
        counts[version] = open_ones
    return counts


def first_day(rules: Publishes, answers: Mapping[str, Any], today: str) -> str:
    """The day a revision comes into force: the one it names, or that of its publication (R7.2)."""
    said = look(answers, rules.effective_on)
    return said if isinstance(said, str) else today


def lines_of(rules: Publishes, answers: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The form versions that a revision document names."""
    lines = look(answers, rules.changes)
    return [one for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []


def clause_changes(rules: Publishes, answers: Mapping[str, Any]) -> tuple[ClauseChange, ...]:
    """The clauses that a revision document changes."""
    lines = look(answers, rules.clauses)
    return tuple(
        ClauseChange(
            str(one.get("clause", "")), str(one.get("action", "")),
            str(one.get("old_text", "")), str(one.get("new_text", "")),
        )
        for one in (lines if isinstance(lines, list) else ())
        if isinstance(one, dict)
    )  # fmt: skip


def entry_of(line: Mapping[str, Any], first: str) -> Published:
    """What publishing one line of a revision document would state."""
    return Published(
        form=str(line.get("form", "")),
        version=str(line.get("version", "")),
        digest=str(line.get("sha256", "")),
        lift=str(line.get("lift_sha256", "")),
        effective_on=first,
        drafts=DraftsRule(str(line.get("drafts", "")), str(line.get("drafts_until", ""))),
        follows=str(line.get("follows", "")),
        clause=str(line.get("clause", "")),
    )


def _entries(desk: Desk, index: int) -> tuple[Published, ...]:
    return published_in(desk.journal.read(index).statement(), index)


def _published_at(desk: Desk, row: DocumentRow) -> int | None:
    """The log index of the step that published, None before it."""
    made: CompiledForm = desk.registry.by_digest(row["digest"])
    for step in row["steps"]:
        taken = made.workflow.transition(step["transition"])
        if taken is not None and PUBLISH_FORMS in taken.does:
            return step["index"]
    return None
