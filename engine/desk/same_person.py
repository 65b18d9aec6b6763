"""Drafts about the person of a document: which of them a destruction takes along, and which remain.

Decides by citizen numbers, the one thing that tells people apart: a draft with the document's number is about
the same person; one without a number that shares a name or a telephone may be, and nobody but its maker can
tell. Never looks at a document; a draft that corrects another document belongs to that document.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk import indexing, sealing
from engine.desk.desk import Desk
from engine.ports import StoredDraft
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.pointers import look
from engine.trust.blind import normalize_for_index

ABOUT_THE_PERSON = frozenset({"PIPL-47-3", "PIPL-47-4"})
"""Legal bases that end all processing about a person: drafts about the same person go too. The others
(purpose achieved, retention over, other cases of law) end one document; what is keyed for another purpose
remains."""

NUMBER_MASK = "id_no"


@dataclass(frozen=True, slots=True)
class About:
    """Drafts about the same person, and those that may be: no number, but a name or telephone in common."""

    same: tuple[StoredDraft, ...] = ()
    alike: tuple[StoredDraft, ...] = ()


def drafts_about(desk: Desk, row: DocumentRow) -> About:
    """The drafts about a document's person, as long as the document can be opened; else none are found."""
    form = desk.registry.by_digest(row["digest"])
    answers = _opened(desk, row, form)
    numbers, values = _numbers(form, answers), set(indexing.indexed_values(form, answers).values())
    same, alike = [], []
    for draft in _drafts(desk):
        if draft.doc == row["doc"]:
            continue  # its own correction goes in any case
        version = desk.registry.get(draft.form, draft.version)
        theirs = _numbers(version, draft.answers)
        if draft.doc == "" and numbers & theirs:
            same.append(draft)
        elif numbers & theirs or (
            not theirs and values & set(indexing.indexed_values(version, draft.answers).values())
        ):
            alike.append(draft)
    return About(tuple(same), tuple(alike))


def discard(desk: Desk, drafts: tuple[StoredDraft, ...]) -> frozenset[str]:
    """Throw drafts away; the blobs of what was uploaded for them, for the caller to destroy."""
    blobs = set()
    for draft in drafts:
        for digest in _digests(draft.answers):
            staged = desk.blobs.staged(draft.created_by, digest)
            if staged is not None:
                blobs.add(staged.blob)
        desk.drafts.discard(draft.id)
    return frozenset(blobs)


def _drafts(desk: Desk) -> Iterator[StoredDraft]:
    for account in desk.directory.all():
        yield from desk.drafts.of_person(account.person)


def _numbers(form: CompiledForm, answers: Mapping[str, Any]) -> set[str]:
    found = set()
    for info in form.fields.values():
        if info.index == "blind" and info.mask == NUMBER_MASK:
            value = look(answers, info.pattern.replace("*", "0"))
            if isinstance(value, str) and value:
                found.add(normalize_for_index(value))
    return found


def _opened(desk: Desk, row: DocumentRow, form: CompiledForm) -> dict[str, Any]:
    """The answers that people are found by. Asked of the wraps, not of the flag: a destruction that a crash
    interrupted can still be opened, and has to be, to find the drafts."""
    classes = {info.seal or sealing.OTHER for info in form.fields.values() if info.index == "blind"}
    record = desk.journal.read(row["contents"][-1][1])
    keys = sealing.document_keys(desk, row, classes, record)
    if not keys:
        return {}
    parts = sealing.open_record(desk, record, keys, record.statement())
    return sealing.answers_in([leaf for _, part in parts for leaf in part.fields])


def _digests(value: Any) -> Iterator[str]:
    """Every SHA-256 that stands in the answers, wherever a form keeps its list of files."""
    if isinstance(value, Mapping):
        for one in value.values():
            yield from _digests(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _digests(one)
    elif isinstance(value, str) and len(value) == 64:
        yield value
