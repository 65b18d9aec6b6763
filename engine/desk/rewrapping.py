"""Epochs of compartments: who could open what, turning the keys over, and moving every wrap behind the turn.

Decides when an epoch begins and when the one before is over. The work left to do is never listed anywhere:
a compartment with two living epochs is one whose wraps still have to be moved, so a crash forgets nothing.

One batch: 1 entries that hold wraps of an older epoch · 2 the vault wraps their keys anew · 3 an event
`key.rewrap` with the digests of both wrap sets is durable · 4 inside the journal's critical section, whatever
was not changed meanwhile is overwritten. When no entry is left, the old epochs' keys are destroyed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from engine.desk import events, people
from engine.desk.desk import Desk
from engine.identity import base32
from engine.lifecycle.people import Actor
from engine.record import Erasable
from engine.trust.statement import CLASSES, SYSTEM_ROLE
from engine.trust.wrap import wrap_set_digest

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a round has come: wraps looked at and wraps moved, of the compartments named."""

    compartments: tuple[str, ...]
    seen: int
    moved: int


Tell = Callable[[Progress], None]


def compartments_of(desk: Desk, roles: Iterable[str]) -> tuple[str, ...]:
    """Every compartment that some document could have opened to a holder of these roles."""
    held = set(roles)
    found: set[str] = set()
    for form in desk.registry.known():
        if any(held & set(rule.get("roles", ())) for rule in form.workflow.access):
            found.update(f"{desk.agency.code}.{form.form}.{klass}" for klass in CLASSES)
    return tuple(sorted(found & set(desk.vault.epochs())))


def turn(desk: Desk, compartments: Iterable[str]) -> tuple[str, ...]:
    """Begin a new epoch of each; inside the critical section, where every wrap is made too."""
    turned = tuple(compartments)
    with desk.journal.sequencing():
        for one in turned:
            desk.vault.turn_epoch(one)
    return turned


def waiting(desk: Desk) -> dict[str, int]:
    """{compartment: its newest epoch} of those whose older epochs still live."""
    return {name: held[-1] for name, held in desk.vault.epochs().items() if len(held) > 1}


def run(desk: Desk, tell: Tell | None = None) -> Progress:
    """Move every wrap that an older epoch holds, then destroy those epochs. Raises `Unavailable`."""
    turning = waiting(desk)
    if not turning:
        return Progress((), 0, 0)
    names, seen, moved = tuple(sorted(turning)), 0, 0
    for batch, looked_at in _batches(desk, turning):
        seen += looked_at
        moved += _move(desk, names, batch)
        if tell is not None:
            tell(Progress(names, seen, moved))
    if not _has_older_records(desk):
        for name, epoch in turning.items():
            desk.vault.retire_epochs(name, epoch)
    return Progress(names, seen, moved)


def _batches(desk: Desk, turning: dict[str, int]) -> Iterator[tuple[dict[int, Erasable], int]]:
    batch: dict[int, Erasable] = {}
    seen = 0
    for place, one in desk.erasable.scan():
        seen += len(one.wraps)
        if any(each.epoch < turning.get(each.compartment, 0) for each in one.wraps):
            batch[place] = one
        if len(batch) == BATCH:
            yield batch, seen
            batch, seen = {}, 0
    yield batch, seen


def _move(desk: Desk, names: tuple[str, ...], batch: dict[int, Erasable]) -> int:
    if not batch:
        return 0
    # 2
    old = [each for one in batch.values() for each in one.wraps]
    new = list(desk.vault.rewrap(old))
    made = iter(new)
    changed = {
        place: replace(one, wraps=tuple(next(made) for _ in one.wraps)) for place, one in batch.items()
    }
    # 3
    log(desk, "key.rewrap", {
        "compartments": list(names), "wraps": len(old),
        "wraps_before": wrap_set_digest(old), "wraps_after": wrap_set_digest(new),
    })  # fmt: skip
    # 4
    with desk.journal.sequencing():
        desk.erasable.replace(
            {place: one for place, one in changed.items() if desk.erasable.read(place) == batch[place]}
        )
    return len(old)


def _has_older_records(desk: Desk) -> bool:
    """Whether wraps stand inside records: from before the erasable store, and always the first ones."""
    for record in desk.journal.scan():
        if record.parts:
            return bool(record.wraps)
    return False


def log(
    desk: Desk, kind: str, body: Mapping[str, object], actor: Actor | None = None, unlock: str | None = None
) -> str:
    """A record of its own about keys, by the platform or by a person; its event id once it is durable."""
    with desk.journal.sequencing():
        ticket = events.append(desk, note(desk, kind, body, actor), unlock, _event_of)
    return ticket.wait()


def note(desk: Desk, kind: str, body: Mapping[str, object], actor: Actor | None = None) -> events.NewEvent:
    """The event `log` appends, for those who are inside the critical section already."""
    who = actor or people.system_actor(desk)
    grant = None if who.is_system else next(iter(who.grants), None)
    role = SYSTEM_ROLE if grant is None else grant.role
    doc = base32(desk.randomness.bytes(16))
    return events.NewEvent(doc, 1, "", kind, who, role, grant, body=body)


def _event_of(written: events.Written, _committed: object) -> str:
    return written.event
