"""The versions that a release brings along, as a signed word of the platform: which, from what day.

Decides what is recorded, once for each version, and that what is shipped today is what was recorded. Never
brings a version into force that neither a release nor a revision document has.

A version published at run time stands in the event of its publication; a shipped one has none, so that nobody
outside could be shown that this agency works with it. When an agency starts, the platform signs one event

    type "forms.ship", form none, from and to "shipped", actor the system
    body {release, ships: [an entry for each version that is not recorded yet]}

which is found again by its place in the row of such events, without reading the journal through.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from engine.desk import events, people, revisions
from engine.desk.desk import Desk
from engine.desk.version_checks import LIFT_FILE
from engine.errors import Broken, Problem
from engine.identity import base32
from engine.record import Record
from engine.registry.bundle import digest_of
from engine.registry.compiled import compile_bundle
from engine.registry.registry import Span
from engine.trust import canonical
from engine.trust.statement import SYSTEM_ROLE
from engine.versions.published import LIFT, SHIPPING, SHIPS, DraftsRule, Published, shipped_in

_STANDS = "shipped"


def load(desk: Desk) -> None:
    """Hold what is shipped against what is recorded: called when a data folder is opened.

    A version that was recorded and is shipped no more stays in force, from the forms folder. Raises Broken:
    `form.shipped_differs` where content or first day are not those recorded, `form.not_kept` where what is no
    longer shipped is not in the forms folder either.
    """
    gone = []
    for entry in recorded(desk):
        span = _span(desk, entry)
        if span is None:
            kept = desk.workshop.archive.bundle(entry.digest)
            if kept is None or (kept[0].form, kept[0].version) != (entry.form, entry.version):
                raise Broken("form.not_kept", digest=entry.digest)
            gone.append((compile_bundle(*kept), entry))
        elif _differs(span, entry):
            raise Broken("form.shipped_differs", form=entry.form, version=entry.version)
    desk.registry.admit(gone)


def record(desk: Desk, release: str) -> int | None:
    """Record what is shipped and not recorded yet, as of `release`; the log index, None when nothing is new.

    Nothing is recorded before the agency has its trust root and people, or where the journal takes nothing.
    """
    if desk.journal.read_only is not None or not desk.trust.snapshots() or not _unrecorded(desk):
        return None
    with desk.journal.sequencing():
        new = _unrecorded(desk)
        if not new:
            return None  # another start was faster
        ships = [_entry(desk, span).as_body() for span in new]
        event = events.NewEvent(
            base32(desk.randomness.bytes(16)), 1, "", SHIPPING, people.system_actor(desk), SYSTEM_ROLE,
            source=_STANDS, target=_STANDS, body={"release": release, SHIPS: ships},
            side={"idem": _name(len(tuple(_records(desk))) + 1), "payload": digest_of(ships)},
        )  # fmt: skip
        ticket = events.append(desk, event, None, lambda written, _: written.record.index)
    return ticket.wait()


def recorded(desk: Desk) -> tuple[Published, ...]:
    """Every version that was recorded as shipped, in the order of the log."""
    return tuple(entry for one in _records(desk) for entry in shipped_in(one.statement(), one.index))


def entry_of(desk: Desk, form: str, version: str) -> Published | None:
    """What was recorded of a shipped version; None when it is not recorded, or not with its content."""
    digest = desk.registry.span(form, version).form.digest
    return next((one for one in recorded(desk) if (one.form, one.digest) == (form, digest)), None)


def judge(desk: Desk, entry: Published) -> Iterator[Problem]:
    """What is wrong with a recorded entry: not kept, not in force as recorded."""
    facts = {"index": entry.index, "form": entry.form, "version": entry.version}
    kept = desk.workshop.archive.bundle(entry.digest)
    if kept is None or (kept[0].form, kept[0].version) != (entry.form, entry.version):
        yield Problem("", "form.not_kept", facts)
    span = _span(desk, entry)
    if span is None or _differs(span, entry):
        yield Problem("", "form.registry_differs", facts)


def _records(desk: Desk) -> Iterator[Record]:
    """The events that record what was shipped, oldest first."""
    number = 1
    while (found := desk.store.idempotent(_name(number))) is not None:
        yield desk.journal.read(found["index"])
        number += 1


def _name(number: int) -> str:
    """Under which the read side remembers the nth such event; clients' names are digests, never this."""
    return f"{SHIPPING}/{number}"


def _unrecorded(desk: Desk) -> list[Span]:
    known = {(one.form, one.version) for one in recorded(desk)}
    new = [
        span
        for form in desk.registry.forms()
        for span in desk.registry.spans(form)
        if span.published is None and (form, span.form.version) not in known
    ]
    # What was published here and is shipped by a later release has its event already.
    published = {one.digest for one in revisions.published(desk)} if new else set()
    return [span for span in new if span.form.digest not in published]


def _entry(desk: Desk, span: Span) -> Published:
    form = span.form
    before = [one for one in desk.registry.spans(form.form) if one.first < span.first]
    lift = desk.workshop.archive.papers(form.digest).get(LIFT_FILE)
    return Published(
        form=form.form,
        version=form.version,
        digest=form.digest,
        lift=revisions.lift_digest(canonical.parse_bundle(lift)) if lift is not None else "",
        effective_on=span.first.isoformat(),
        drafts=DraftsRule(LIFT),
        follows=before[-1].form.version if before else "",
    )


def _span(desk: Desk, entry: Published) -> Span | None:
    spans = desk.registry.spans(entry.form)
    return next((span for span in spans if span.form.version == entry.version), None)


def _differs(span: Span, entry: Published) -> bool:
    return (span.form.digest, span.first) != (entry.digest, date.fromisoformat(entry.effective_on))
