"""What an update says of the document it changes: which one, what stood there, and what will stand there.

Decides what the system writes of each change (label, masked old and new value, digest of the old one) and how
changes become new answers. Never judges and never stores; old values leave this module masked only.

A change is `{"path", "new_value"}` or `{"path", "remove": true}`: the pointer of one leaf of the target, and
its new value as a text (`3`, `true` where the target wants a number or a yes).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

from engine.desk import grounds, reading, sealing
from engine.desk.desk import Desk
from engine.desk.lookups import index_name
from engine.errors import NotFound
from engine.lifecycle.people import Actor
from engine.lifecycle.updates import Updates
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.fields import FieldInfo
from engine.registry.masks import mask
from engine.registry.pointers import ABSENT, is_at_or_below, join, look, parent_of, pattern_of, split
from engine.registry.schema_walk import resolve, types_of
from engine.trust import commitments
from engine.trust.blind import normalize_for_index
from engine.trust.commitments import unflatten

PATH, NEW, REMOVE = "path", "new_value", "remove"
WRITTEN: Final = ("label", "old_digest", "old_masked", "new_masked", "sensitive")
"""The members of a change that the system writes."""
LONGEST_LABEL, LONGEST_SHOWN = 60, 120
CHINESE, ENGLISH = "zh-CN", "en"
_WHOLE = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Target:
    """The document that is to be changed, as of one of its revisions: leaves and their committed digests."""

    row: DocumentRow
    form: CompiledForm
    revision: int
    leaves: Mapping[str, Any]
    digests: Mapping[str, str]

    def answers(self) -> dict[str, Any]:
        """The answers of that revision."""
        return unflatten(self.leaves.items())


def named(desk: Desk, rules: Updates, answers: Mapping[str, Any]) -> DocumentRow | None:
    """The document whose id the answers name; None when it is of another form, destroyed or nothing."""
    doc_id = look(answers, rules.doc_id)
    row = desk.store.by_doc_id(doc_id) if isinstance(doc_id, str) else None
    return row if row is not None and row["form"] == rules.form and DESTROYED not in row["flags"] else None


def readable(desk: Desk, actor: Actor, rules: Updates, answers: Mapping[str, Any]) -> DocumentRow | None:
    """The document that the answers name, when this person may read it."""
    row = named(desk, rules, answers)
    if row is None:
        return None
    try:
        return reading.readable_row(desk, actor, row["doc"])[0]
    except NotFound:
        return None


def note(desk: Desk, actor: Actor, row: DocumentRow, draft: str) -> None:
    """Write to the access log that a target was opened for somebody who changes it by a draft."""
    what = desk.registry.by_digest(row["digest"]).workflow.seal_classes
    reading.note(desk, actor, row, tuple(sorted(what)), grounds.UPDATE, grounds.Ground(grounds.UPDATE, draft))


def open_target(desk: Desk, row: DocumentRow, revision: int | None = None) -> Target:
    """The target opened as of a revision (default: the last)."""
    number = revision or row["revision"]
    index = next((at for known, at in row["contents"] if known == number), None)
    if index is None:
        raise NotFound("revision.not_found")
    record = desk.journal.read(index)
    leaves: dict[str, Any] = {}
    digests: dict[str, str] = {}
    keys = sealing.document_keys(desk, row, None, record)
    for _, part in sealing.open_record(desk, record, keys, record.statement()):
        hashed = commitments.leaves(part.salt_key, part.fields)
        for (path, value), digest in zip(part.fields, hashed, strict=True):
            if not path.startswith(sealing.RESERVED):
                leaves[path], digests[path] = value, digest.hex()
    return Target(row, desk.registry.by_digest(row["digest"]), number, leaves, digests)


def fill(desk: Desk, actor: Actor, form: CompiledForm, answers: dict[str, Any]) -> dict[str, Any]:
    """The answers with what the system knows of the target and of each change; of other forms as they are.

    Where the person may not read the target, or it has no such revision, what the system writes is taken
    away: `engine.desk.updating.judge` says what is wrong.
    """
    rules = form.workflow.updates
    if rules is None:
        return answers
    changes = look(answers, rules.changes)
    changes = changes if isinstance(changes, list) else []
    row, revision = readable(desk, actor, rules, answers), look(answers, rules.revision)
    target = None
    if row is not None and type(revision) is int and 1 <= revision <= row["revision"]:
        target = open_target(desk, row, revision)
    written: list[tuple[str, Any]] = [(rules.subject_key, ABSENT), (rules.subject_masked, ABSENT)]
    if target is not None:
        written = [
            (rules.subject_key, _key(desk, rules, target)),
            (rules.subject_masked, _who(rules, target)),
            (rules.kinds, _kinds(target, changes) or ABSENT),
        ]
    if changes:
        written.append((rules.changes, [_filled(target, one) for one in changes]))
    for pointer, value in written:
        answers = _put(answers, split(pointer), value)
    return answers


def changes_of(rules: Updates, answers: Mapping[str, Any]) -> tuple[tuple[int, Mapping[str, Any]], ...]:
    """The changes that name a path, each with its place in the list."""
    listed = look(answers, rules.changes)
    rows = listed if isinstance(listed, list) else []
    return tuple(
        (place, one)
        for place, one in enumerate(rows)
        if isinstance(one, dict) and isinstance(one.get(PATH), str)
    )


def is_fixed(rules: Updates, form: CompiledForm, path: str) -> bool:
    """Whether no update may change this: computed, a file, or at or below what the states file fixes."""
    info = form.field(path)
    if info is not None and (info.is_computed or info.refers_to_file):
        return True
    return any(is_at_or_below(path, one) for one in rules.fixed)


def field_of(form: CompiledForm, path: str) -> FieldInfo | None:
    """The field that a path is a leaf of; None when the form has no such leaf.

    An item of a list of scalars is a leaf, the list itself is none.
    """
    info = form.field(path)
    if info is None or info.kind != "field":
        return None
    return info if info.is_array == (info.pattern != pattern_of(path)) else None


def value_of(form: CompiledForm, path: str, text: str) -> Any:
    """The value a text stands for in the target; a text that is none stays one, and the schema says so."""
    info = form.field(path)
    if info is None:
        return text
    root = form.bundle.schema
    part = resolve(info.schema, root)
    kinds = types_of(resolve(part.get("items", {}), root) if info.is_array else part)
    if "integer" in kinds and _WHOLE.fullmatch(text):
        return int(text)
    return {"true": True, "false": False}.get(text, text) if "boolean" in kinds else text


def patched(target: Target, changes: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The target's answers after the changes, without computed values: they are computed anew.

    Raises Invalid (`commitment.paths`) when two paths contradict each other.
    """
    leaves = dict(target.leaves)
    for layer in target.form.computed:
        for computed in layer:
            leaves.pop(computed.pointer, None)
    for one in changes:
        path = str(one[PATH])
        if one.get(REMOVE):
            leaves.pop(path, None)
            continue
        leaves[path] = value_of(target.form, path, str(one.get(NEW, "")))
        above = parent_of(path)
        while above:  # an empty list or object is a leaf until something stands in it
            leaves.pop(above, None)
            above = parent_of(above)
    return unflatten(leaves.items())


def is_masked(form: CompiledForm, path: str) -> bool:
    """Whether a value is shown by its mask only where it goes through other hands."""
    info = form.field(path)
    return info is not None and bool(info.mask or info.sensitivity == "sensitive")


def shown(form: CompiledForm, path: str, value: Any) -> str:
    """A value as a paper shows it that goes through other hands: masked, a choice by its name."""
    info = form.field(path)
    if info is None or value is ABSENT:
        return ""
    if is_masked(form, path):
        text = mask(info.mask, value)
    else:
        plain = {True: "true", False: "false"}.get(value, str(value)) if type(value) is bool else str(value)
        text = info.enum[plain][0] if plain in info.enum else plain
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 1] + "…"


def label(form: CompiledForm, path: str, lang: str = CHINESE) -> str:
    """What a leaf is called: its section and itself, with the number of its row."""
    steps, info = split(path), form.field(path)
    section = form.groups.get("/" + steps[0]) if steps else None
    rows = [str(int(step) + 1) for step in steps if step.isascii() and step.isdigit()]
    parts = [_title(section, lang), " ".join([_title(info, lang) or path, *rows])]
    return "·".join(part for part in parts if part)[:LONGEST_LABEL]


def labels(form: CompiledForm, path: str) -> dict[str, str]:
    """What a leaf is called, by language."""
    return {lang: label(form, path, lang) for lang in (CHINESE, ENGLISH)}


def _title(info: FieldInfo | None, lang: str) -> str:
    if info is None:
        return ""
    return info.title_en or info.title if lang == ENGLISH else info.title


def _filled(target: Target | None, change: Any) -> Any:
    if not isinstance(change, dict):
        return change
    kept = {name: value for name, value in change.items() if name not in WRITTEN}
    path = kept.get(PATH)
    info = field_of(target.form, path) if target is not None and isinstance(path, str) else None
    if target is None or info is None or not isinstance(path, str):
        return kept
    kept |= {"label": label(target.form, path), "sensitive": info.sensitivity == "sensitive"}
    old = target.leaves.get(path, ABSENT)
    if old is not ABSENT:
        kept |= {"old_digest": target.digests[path], "old_masked": shown(target.form, path, old)}
    if isinstance(kept.get(NEW), str):
        kept["new_masked"] = shown(target.form, path, value_of(target.form, path, kept[NEW]))
    return kept


def _kinds(target: Target, changes: Iterable[Any]) -> list[str]:
    """The classes of the changed fields, in the order of the form."""
    paths = [one[PATH] for one in changes if isinstance(one, dict) and isinstance(one.get(PATH), str)]
    infos = [info for path in paths if (info := field_of(target.form, path)) is not None]
    return list(dict.fromkeys(info.klass for info in sorted(infos, key=lambda info: info.place)))


def _key(desk: Desk, rules: Updates, target: Target) -> Any:
    """By what the updates about one person are known to belong together; nothing can be read from it."""
    pointer = rules.subject[-1] if rules.subject else ""
    value = target.leaves.get(pointer)
    if not isinstance(value, str) or not value:
        return ABSENT
    name = index_name(target.form.form, pointer)
    return sha256(f"{name} {desk.vault.blind(name, normalize_for_index(value))}".encode()).hexdigest()


def _who(rules: Updates, target: Target) -> Any:
    parts = [shown(target.form, at, target.leaves[at]) for at in rules.subject if at in target.leaves]
    return " ".join(parts) or ABSENT


def _put(answers: dict[str, Any], steps: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy with a value at a path of keys (ABSENT: without it); only the objects on the way are copied."""
    copy = dict(answers)
    if len(steps) > 1:
        inner = copy.get(steps[0], {})
        if not isinstance(inner, dict) or (value is ABSENT and steps[0] not in copy):
            return answers
        copy[steps[0]] = _put(inner, steps[1:], value)
    elif value is ABSENT:
        copy.pop(steps[0], None)
    else:
        copy[steps[0]] = value
    return copy


def with_target(rules: Updates, answers: dict[str, Any], row: DocumentRow) -> dict[str, Any]:
    """The answers naming this document as it stands now."""
    answers = _put(answers, split(rules.doc_id), row["doc_id"])
    return _put(answers, split(rules.revision), row["revision"])


def saying(answers: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """The answers with this value at a pointer."""
    return _put(answers, split(pointer), value)


def with_changes(rules: Updates, answers: dict[str, Any], changes: list[Any]) -> dict[str, Any]:
    """The answers with these changes."""
    return _put(answers, split(rules.changes), changes if changes else ABSENT)


def place_of(rules: Updates, number: int, member: str) -> str:
    """The pointer of a member of a change."""
    return join(rules.changes, number, member)


def said_revision(rules: Updates, answers: Mapping[str, Any]) -> int | None:
    """The revision of the target that the answers were made from; None when they name none."""
    said = look(answers, rules.revision)
    return said if type(said) is int else None
