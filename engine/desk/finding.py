"""Finding documents by the person they are about: a whole name or number, never a part of one.

Decides who may: only documents whose summary values this person could have shown in clear. Looks up keyed
index bits (trust.md §3) and then compares the value itself, because bits of different values may coincide.
One access record names every document that was found. Never answers for documents that may not be opened.
"""

from __future__ import annotations

from engine.desk import listing, reading
from engine.desk.desk import Desk
from engine.desk.lookups import index_name, is_likely
from engine.identity import local_day, utc_text
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import may_read, reading_rights
from engine.ports import Access
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.trust.blind import normalize_for_index

MOST_OPENED = 50


def find_person(desk: Desk, actor: Actor, text: str, limit: int = 20) -> tuple[listing.ListRow, ...]:
    """Documents whose masked list values are exactly `text` once unmasked; newest submission first."""
    wanted = normalize_for_index(text.strip())
    if not wanted:
        return ()
    now = desk.clock.now()
    found: dict[str, tuple[DocumentRow, CompiledForm]] = {}
    for form_id in desk.registry.forms():
        # Any version that was ever in force may have indexed the value, also in a field that is gone.
        pointers = {pointer for version in desk.registry.versions(form_id) for pointer in version.summary}
        for pointer in sorted(pointers):
            name = index_name(form_id, pointer)
            alike = desk.store.by_blind(name, desk.vault.blind(name, wanted))
            likely = [row for row in alike if row["doc"] not in found and is_likely(desk, row, name, wanted)]
            for row in likely[:MOST_OPENED]:
                form = desk.registry.by_digest(row["digest"])
                if _is_it(desk, actor, row, form, pointer, wanted):
                    found[row["doc"]] = (row, form)
    rows = sorted(found.values(), key=lambda pair: pair[0]["submitted_at"], reverse=True)[:limit]
    if rows:
        roles = actor.roles(local_day(now))
        what = ("search", *(row["doc"] for row, _ in rows))
        desk.access.write(Access(utc_text(now), actor.person, roles[0] if roles else "", "", what, "search"))
    return tuple(listing.list_row(desk, form, row, now) for row, form in rows)


def _is_it(desk: Desk, actor: Actor, row: DocumentRow, form: CompiledForm, pointer: str, wanted: str) -> bool:
    """Whether the person may know this value of this document, and whether it is the wanted one."""
    standing, day = reading.standing_of(row), local_day(desk.clock.now())
    info = form.field(pointer)
    if info is None or not may_read(form, standing, actor, day):
        return False
    rights = reading_rights(form, standing, actor, day)
    if (info.seal or "other") not in rights.clear_classes | rights.reveal_classes:
        return False
    value = look(reading.answers_of(desk, row), pointer)
    return isinstance(value, str) and normalize_for_index(value) == wanted
