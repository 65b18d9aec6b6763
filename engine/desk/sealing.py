"""Between answers and sealed parts: which field goes into which class, with which keys, and back.

Decides the grouping by `x-seal`, the derived (masked) leaves and the keys' handling. The bytes are
`engine.trust.seal`'s; the right to open is the caller's to check.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from engine.desk.desk import Desk
from engine.errors import Broken
from engine.ports import KeyToWrap
from engine.projection import DocumentRow
from engine.record import Record, StoredPart
from engine.registry.compiled import CompiledForm
from engine.registry.derive import Derivation, derive
from engine.registry.masks import mask
from engine.trust import seal
from engine.trust.commitments import Field, flatten, unflatten
from engine.trust.statement import CLASSES, PartRef
from engine.trust.wrap import Wrap

RESERVED = (seal.ATTACHMENTS_PREFIX, seal.DERIVED_PREFIX, seal.TRANSITION_PREFIX)
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed parts ready for a statement, with the keys that are new and have to be wrapped."""

    refs: tuple[PartRef, ...]
    parts: tuple[StoredPart, ...]
    fresh: tuple[KeyToWrap, ...]


Way = tuple[str, str | None, tuple[Derivation, ...]]
_ways: dict[tuple[str, str], Way] = {}


def way_of(form: CompiledForm, path: str) -> Way:
    """(sealing class, mask of the masked leaf or None, derived leaves) of a concrete path.

    A memo: bounded, never wrong.
    """
    known = _ways.get((form.bundle.digest, path))
    if known is None:
        info = form.field(path)
        derived = None
        if info is not None and info.sensitivity == "sensitive" and info.mask not in (None, "hidden"):
            derived = info.mask
        wishes = info.derive if info is not None else ()
        known = ((info.seal if info is not None else "") or OTHER, derived, wishes)
        if len(_ways) > 50_000:
            _ways.clear()
        _ways[(form.bundle.digest, path)] = known
    return known


def group_fields(form: CompiledForm, answers: Mapping[str, Any]) -> dict[str, list[Field]]:
    """The leaves of the answers by sealing class, each with its masked and derived leaves, sorted by path."""
    groups: dict[str, list[Field]] = {}
    digest, unsorted = form.bundle.digest, set()
    for field in flatten(answers):
        path, value = field
        klass, derived, wishes = _ways.get((digest, path)) or way_of(form, path)
        fields = groups.get(klass)
        if fields is None:
            fields = groups[klass] = []
        fields.append(field)
        if derived is not None and isinstance(value, str):
            fields.append((f"{seal.DERIVED_PREFIX[:-1]}{path}", mask(derived, value)))
            unsorted.add(klass)
        for wish in wishes:
            text = derive(wish, value, answers)
            if text is not None:
                fields.append((f"{seal.DERIVED_PREFIX}@{wish.rule}{path}", text))
                unsorted.add(klass)
    for klass in unsorted:
        groups[klass].sort(key=path_of)
    return groups


def source_of(path: str) -> str:
    """The path of the answer that a masked or derived leaf is made from; any other path is its own source."""
    if not path.startswith(seal.DERIVED_PREFIX):
        return path
    rest = path.removeprefix(seal.DERIVED_PREFIX)
    return f"/{rest.partition('/')[2]}" if rest.startswith("@") else f"/{rest}"


def path_of(field: Field) -> str:
    """What fields are sorted by before they are committed."""
    return field[0]


def place_of(desk: Desk, doc: str, seq: int, form_sha256: str) -> seal.PartPlace:
    """What a part of that event is bound to."""
    return seal.PartPlace("L1", desk.agency.origin, desk.agency.code, doc, seq, form_sha256)


def seal_groups(
    desk: Desk,
    form: CompiledForm,
    doc: str,
    seq: int,
    groups: Mapping[str, list[Field]],
    known: Mapping[str, bytes],
) -> Sealed:
    """Seal each class under its document key; keys that are not `known` are made, for the vault to wrap.

    The class `other` always gets a key at first sealing, since later transitions seal their comments in it.
    """
    place = place_of(desk, doc, seq, form.bundle.digest)
    classes = [klass for klass in CLASSES if groups.get(klass)]
    keys = dict(known)
    new = [one for one in (classes if known else dict.fromkeys([*classes, OTHER])) if one not in keys]
    noise = _Noise(desk, len(new) * seal.KEY_BYTES + len(classes) * (seal.KEY_BYTES + seal.NONCE_BYTES))
    keys |= {klass: noise.take(seal.KEY_BYTES) for klass in new}
    fresh = tuple(KeyToWrap(klass, compartment(desk, form.bundle.form, klass), keys[klass]) for klass in new)
    refs, parts = [], []
    for n, klass in enumerate(classes):
        salt_key, nonce = noise.take(seal.KEY_BYTES), noise.take(seal.NONCE_BYTES)
        sealed = seal.seal_part(keys[klass], salt_key, nonce, place, n, klass, groups[klass])
        refs.append(sealed.ref)
        parts.append(StoredPart(n, klass, sealed.nonce, sealed.ct))
    return Sealed(tuple(refs), tuple(parts), fresh)


class _Noise:
    """Random bytes of one event, drawn in one call; no byte is given out twice."""

    def __init__(self, desk: Desk, count: int) -> None:
        self._bytes, self._place = desk.randomness.bytes(count), 0

    def take(self, count: int) -> bytes:
        """The next `count` bytes."""
        begin, self._place = self._place, self._place + count
        taken = self._bytes[begin : self._place]
        if len(taken) != count:
            raise Broken("randomness.short")
        return taken


def compartment(desk: Desk, form: str, klass: str) -> str:
    """The compartment (agency × form × class) whose key wraps a document key (trust.md §1.5)."""
    return f"{desk.agency.code}.{form}.{klass}"


def document_keys(
    desk: Desk, row: DocumentRow, classes: Iterable[str] | None = None, read: Record | None = None
) -> dict[str, bytes]:
    """The document's keys by class, unwrapped by the vault. `classes` limits what is asked of it.

    `read` is one of the document's records that the caller has read already.
    """
    wanted = None if classes is None else set(classes)
    wraps = wraps_of(desk, row, read)
    asked = [one for klass, one in wraps.items() if wanted is None or klass in wanted]
    if not asked:
        return {}
    opened = desk.vault.unwrap_all(asked)
    return {one.klass: key for one, key in zip(asked, opened, strict=True)}


def wraps_of(desk: Desk, row: DocumentRow, read: Record | None = None) -> dict[str, Wrap]:
    """The wraps of the document's keys by class, the newest of each; {} when they were destroyed."""
    wraps: dict[str, Wrap] = {}
    for _, index in row["contents"]:
        record = read if read is not None and read.index == index else desk.journal.read(index)
        for one in _wraps_of(desk, record):
            wraps[one.klass] = one
    return wraps


def _wraps_of(desk: Desk, record: Record) -> tuple[Wrap, ...]:
    place = record.kept_at()
    if place is None:
        return record.wraps  # a record from before wraps had a store of their own
    kept = desk.erasable.read(place)
    return kept.wraps if kept is not None else ()


def open_record(
    desk: Desk, record: Record, keys: Mapping[str, bytes], statement: Mapping[str, Any]
) -> list[tuple[PartRef, seal.OpenedPart]]:
    """The opened parts of a record for which there is a key; `Broken` when one does not open as signed."""
    place = place_of(desk, statement["doc"], statement["seq"], statement["form"]["sha256"])
    stored = {part.n: part for part in record.parts}
    opened = []
    for one in statement["parts"]:
        ref = PartRef(one["n"], one["class"], one["root"], one["leaves"], one["ct"], one["len"], one["kc"])
        if ref.klass in keys:
            part = stored.get(ref.n)
            if part is None:
                raise Broken("part.missing", index=record.index, n=ref.n)
            opened.append((ref, seal.open_part(keys[ref.klass], place, ref, part.nonce, part.ct)))
    return opened


def answers_in(fields: Iterable[Field]) -> dict[str, Any]:
    """The answers among opened fields, without what is reserved for derived leaves, files and transitions."""
    return unflatten(field for field in fields if not field[0].startswith(RESERVED))


def reserved_in(fields: Iterable[Field], prefix: str) -> dict[str, Any]:
    """The members under one reserved prefix, as an object (`/transition/comment` → `{"comment": …}`)."""
    depth = prefix.count("/") - 1
    found = unflatten(field for field in fields if field[0].startswith(prefix))
    for name in prefix.split("/")[1 : depth + 1]:
        found = found.get(name, {})
    return found
