"""Reading a document as a newer version than it was signed under (forms.md §7).

Decides nothing about rights anew: whoever may read a document may read it lifted, and sees no more of it. A
value that depends on one they see masked is masked. The signed document stays what it is, and is named.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from engine.desk import grounds, reading, revisions
from engine.desk.desk import Desk
from engine.desk.sealing import OTHER
from engine.errors import NotAllowed
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import Rights
from engine.registry.compiled import CompiledForm
from engine.registry.masks import mask
from engine.registry.pointers import look
from engine.trust.commitments import flatten, unflatten
from engine.versions.lift import Dropped, Lift, Lifted, Unknown, apply, chain, parse_lift


@dataclass(frozen=True, slots=True)
class ReadAs:
    """A document read as `form`, signed as `signed.form`. `masked` are pointers into the lifted answers.

    `digests` are those of the lift files that led here; () when the versions read alike.
    """

    signed: reading.Opened
    form: CompiledForm
    lifted: Lifted
    masked: frozenset[str]
    digests: tuple[str, ...]

    @property
    def is_lifted(self) -> bool:
        """Whether it is read as another version than it was signed under."""
        return self.form.version != self.signed.form.version

    def as_json(self) -> dict[str, Any]:
        """What the API and the page say of a reading: the versions, and what was lifted."""
        return {
            "form": self.form.form,
            "read_as": self.form.version,
            "signed_as": self.signed.form.version,
            "lifts": list(self.digests),
            "masked": sorted(self.masked),
            **self.lifted.as_json(),
        }


def lifts_of(desk: Desk, form: str) -> tuple[Lift, ...]:
    """Every lift that a published version of the form declares."""
    declared = (revisions.lift_of(desk, form, one.version) for one in desk.registry.versions(form))
    return tuple(parse_lift(one) for one in declared if one is not None)


def lifted(
    desk: Desk,
    actor: Actor,
    doc: str,
    version: str,
    lifts: Iterable[Lift],
    *,
    revision: int | None = None,
    purpose: str = "task",
) -> ReadAs:
    """The document read as `version`, for this person.

    Raises NotFound: for a document they may not read, a version that is not published, and `lift.none` when
    no lift leads from the version it was signed under.
    """
    opened = reading.open_document(desk, actor, doc, revision=revision, purpose=purpose)
    if opened.ground.fields is not None:  # what an approval grants are fields of the version that was signed
        raise NotAllowed(grounds.NO_TASK, doc_no=opened.row["doc_no"])
    form = desk.registry.get(opened.form.form, version)
    versions = [one.version for one in desk.registry.versions(form.form)]
    made = chain(form.form, versions, lifts, opened.form.version, version)
    # Lifted twice, from what stands and from what is shown: what differs depends on a masked value.
    shown = apply(made, opened.answers)
    whole = shown
    if opened.masked:
        answers = reading.answers_of(desk, opened.row, revision, opened.rights.classes)
        whole = apply(made, answers)
    masked: set[str] = set()
    leaves = []
    for path, value in flatten(whole.answers):
        if _is_clear(form, opened.rights, path) and _is_same(look(shown.answers, path), value):
            leaves.append((path, value))
        else:
            masked.add(path)
            leaves.append((path, _masked(form, path, value)))
    known = {(one.pointer, repr(one.kept)) for one in shown.unknown}
    known |= {(one.pointer, repr(one.value)) for one in shown.dropped}
    result = Lifted(
        unflatten(leaves),
        tuple(_unknown(form, opened.rights, known, one) for one in whole.unknown),
        tuple(_dropped(opened, known, one) for one in whole.dropped),
    )
    return ReadAs(opened, form, result, frozenset(masked), made.digests)


def _is_clear(form: CompiledForm, rights: Rights, path: str) -> bool:
    """Whether the newer version lets this person see a place in clear."""
    info = form.field(path)
    if info is None or info.sensitivity != "sensitive":
        return True
    return (info.seal or OTHER) in rights.clear_classes


def _is_same(shown: Any, value: Any) -> bool:
    return type(shown) is type(value) and bool(shown == value)


def _masked(form: CompiledForm, path: str, value: Any) -> str:
    info = form.field(path)
    return mask(info.mask if info is not None else None, value)


def _unknown(form: CompiledForm, rights: Rights, known: set[tuple[str, str]], one: Unknown) -> Unknown:
    if one.kept is None:
        return one
    if (one.pointer, repr(one.kept)) in known and _is_clear(form, rights, one.pointer):
        return one
    return replace(one, kept=_masked(form, one.pointer, one.kept))


def _dropped(opened: reading.Opened, known: set[tuple[str, str]], one: Dropped) -> Dropped:
    if (one.pointer, repr(one.value)) in known and one.pointer not in opened.masked:
        return one
    return replace(one, value=_masked(opened.form, one.pointer, one.value))
