"""Finding documents by the person they are about: a whole name or number, never a part of one.

Decides who may: only documents that this person has in hand (engine.desk.grounds), and whose value may be
shown in clear. Looks up keyed index bits (trust.md §3) and then compares the value itself, because bits of
different values may coincide. One access record names every document that was found; a search that finds
nothing in hand is recorded as refused, whether or not there is such a person: nobody learns who is on file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.desk import grounds, listing, reading
from engine.desk.desk import Desk
from engine.desk.lookups import index_name, is_likely
from engine.identity import local_day, utc_text
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import may_read
from engine.ports import Access
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.trust.blind import normalize_for_index

MOST_OPENED = 50
SEARCH = "search"


@dataclass(frozen=True, slots=True)
class _Found:
    row: DocumentRow
    form: CompiledForm
    ground: grounds.Ground


def find_person(desk: Desk, actor: Actor, text: str, limit: int = 20) -> tuple[listing.ListRow, ...]:
    """Documents in hand whose masked list values are exactly `text` once unmasked; the newest first."""
    wanted = normalize_for_index(text.strip())
    if not wanted:
        return ()
    found: dict[str, _Found] = {}
    for one in _candidates(desk, actor, wanted):
        found.setdefault(one.row["doc"], one)
    hits = sorted(found.values(), key=lambda one: one.row["submitted_at"], reverse=True)[:limit]
    if not hits:
        grounds.note_refusal(desk, actor, "", SEARCH)
        return ()
    now = desk.clock.now()
    role = next(iter(actor.roles(local_day(now))), "")
    what = (SEARCH, *(one.row["doc"] for one in hits))
    basis = " ".join(dict.fromkeys(str(one.ground) for one in hits))
    desk.access.write(Access(utc_text(now), actor.person, role, "", what, SEARCH, basis))
    return tuple(listing.list_row(desk, one.form, one.row, now) for one in hits)


def _candidates(desk: Desk, actor: Actor, wanted: str) -> Iterator[_Found]:
    for form_id in desk.registry.forms():
        # Any version that was ever in force may have indexed the value, also in a field that is gone.
        pointers = {pointer for version in desk.registry.versions(form_id) for pointer in version.summary}
        for pointer in sorted(pointers):
            name = index_name(form_id, pointer)
            alike = desk.store.by_blind(name, desk.vault.blind(name, wanted))
            likely = [row for row in alike if is_likely(desk, row, name, wanted)]
            for row in likely[:MOST_OPENED]:
                form = desk.registry.by_digest(row["digest"])
                ground = _ground(desk, actor, row, form, pointer)
                if ground is not None and _is_it(desk, row, pointer, wanted):
                    yield _Found(row, form, ground)


def _ground(
    desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, pointer: str
) -> grounds.Ground | None:
    """What lets the person know this value of this document in clear; nothing is opened to say so."""
    standing, info = reading.standing_of(row), form.field(pointer)
    if info is None or not may_read(form, standing, actor, local_day(desk.clock.now())):
        return None
    return grounds.for_value(desk, actor, row, form, pointer)


def _is_it(desk: Desk, row: DocumentRow, pointer: str, wanted: str) -> bool:
    value = look(reading.answers_of(desk, row), pointer)
    return isinstance(value, str) and normalize_for_index(value) == wanted
