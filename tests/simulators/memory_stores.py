"""Stores without a disk: plain dictionaries and the plainest loops, to hold the real ones against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import replace
from hashlib import sha256
from typing import cast

from engine.errors import Broken, Conflict, NotFound
from engine.ports import Access, Account, ListView, RowPage, StagedFile, StoredDraft
from engine.projection import Changes, DocumentRow, IdempotentRow, missed_a_limit
from engine.record import Erasable


class MemoryStore:
    """The DocumentStore port in memory: every list is made anew."""

    def __init__(self) -> None:
        self.size = 0
        self._rows: dict[str, DocumentRow] = {}
        self._counters: dict[str, int] = {}
        self._idempotent: dict[str, IdempotentRow] = {}

    def get(self, doc: str) -> DocumentRow | None:
        row = self._rows.get(doc)
        return None if row is None else deepcopy(row)

    def by_doc_id(self, doc_id: str) -> DocumentRow | None:
        return next((row for row in self.rows() if row["doc_id"] == doc_id), None)

    def by_doc_no(self, doc_no: str, region: str = "") -> DocumentRow | None:
        found = [row for row in self.rows() if row["doc_no"] == doc_no and region in ("", row["region"])]
        return found[0] if len(found) == 1 else None

    def by_blind(self, index: str, bits: str) -> tuple[DocumentRow, ...]:
        found = [row for row in self.rows() if row["blind"].get(index) == bits]
        return tuple(sorted(found, key=lambda row: row["doc"]))

    def counter(self, series: str) -> int:
        return self._counters.get(series, 0)

    def idempotent(self, key: str) -> IdempotentRow | None:
        return self._idempotent.get(key)

    def page(self, view: ListView, after: str | None, limit: int) -> RowPage:
        found = sorted((row for row in self.rows() if _matches(view, row)), key=lambda row: _key(view, row))
        if view.order == "recent":
            found.reverse()
        keys = [_key(view, row) for row in found]
        start = keys.index(after) + 1 if after in keys else 0
        rows = tuple(found[start : start + limit])
        return RowPage(rows, keys[start + limit - 1] if start + limit < len(found) else None)

    def count(self, view: ListView) -> int:
        return sum(1 for row in self.rows() if _matches(view, row))

    def apply(self, index: int, changes: Changes) -> None:
        if index < self.size:
            return
        if index > self.size:
            raise Broken("projection.gap", expected=self.size, given=index)
        if changes.row is not None:
            self._rows[changes.row["doc"]] = deepcopy(changes.row)
        self._counters.update(changes.counters)
        if changes.idempotent is not None:
            self._idempotent[changes.idempotent[0]] = changes.idempotent[1]
        self.size = index + 1

    def heads(self, view: ListView) -> tuple[tuple[str, str], ...]:
        found = sorted((row for row in self.rows() if _matches(view, row)), key=lambda row: _key(view, row))
        heads = [(row["doc"], row["head"]) for row in found]
        return tuple(reversed(heads) if view.order == "recent" else heads)

    def rows(self) -> Iterator[DocumentRow]:
        return iter(deepcopy(list(self._rows.values())))

    def save(self) -> bool:
        return True


def _key(view: ListView, row: DocumentRow) -> str:
    recent = f"{row['submitted_at']} {row['doc']}"
    return recent if view.order == "recent" else f"{row['due_at'] or '~'} {recent}"


def _matches(view: ListView, row: DocumentRow) -> bool:
    wanted = {
        "unit": view.unit, "region": view.region, "created_by": view.created_by,
        "claimed_by": view.claimed_by, "collector": view.collected_by, "digest": view.digest,
    }  # fmt: skip
    flat = cast(dict[str, object], row)
    return (
        (not view.forms or row["form"] in view.forms)
        and (not view.states or row["state"] in view.states)
        and all(not value or flat[name] == value for name, value in wanted.items())
        and all(row["facets"].get(name) == value for name, value in view.facets)
        and (not view.late or row["late"])
        and (not view.overdue_by or missed_a_limit(row, row["flags"], view.overdue_by))
    )


class MemoryDrafts:
    """The DraftStore port in memory."""

    def __init__(self) -> None:
        self._drafts: dict[str, StoredDraft] = {}

    def get(self, draft_id: str) -> StoredDraft | None:
        return deepcopy(self._drafts.get(draft_id))

    def save(self, draft: StoredDraft, expected: int) -> None:
        held = self._drafts.get(draft.id)
        if held is None and expected != 0:
            raise Conflict("draft.revision", revision=0)
        if held is not None and held.revision != expected:
            raise Conflict(
                "draft.revision", revision=held.revision, saved_at=held.saved_at, saved_by=held.saved_by
            )
        self._drafts[draft.id] = deepcopy(draft)

    def discard(self, draft_id: str) -> None:
        self._drafts.pop(draft_id, None)

    def of_person(self, person: str) -> tuple[StoredDraft, ...]:
        found = [draft for draft in self._drafts.values() if draft.created_by == person]
        return tuple(sorted(deepcopy(found), key=lambda draft: (draft.saved_at, draft.id), reverse=True))


class MemoryBlobs:
    """The Blobs port in memory."""

    def __init__(self) -> None:
        self._blobs: dict[str, bytes] = {}
        self._staged: dict[tuple[str, str], StagedFile] = {}

    def put(self, chunks: Iterable[bytes]) -> str:
        data = b"".join(chunks)
        digest = sha256(data).hexdigest()
        self._blobs[digest] = data
        return digest

    def open(self, digest: str) -> Iterator[bytes]:
        if digest not in self._blobs:
            raise NotFound("blob")
        data = self._blobs[digest]
        return iter([data[at : at + 65_536] for at in range(0, len(data), 65_536)])

    def has(self, digest: str) -> bool:
        return digest in self._blobs

    def stage(self, staged: StagedFile) -> None:
        self._staged[staged.staged_by, staged.sha256] = staged

    def staged(self, person: str, sha256: str) -> StagedFile | None:
        return self._staged.get((person, sha256))

    def expire(self, before: str, is_referenced: Callable[[str], bool]) -> int:
        old = [key for key, one in self._staged.items() if one.staged_at < before]
        for key in old:
            blob = self._staged.pop(key).blob
            if not is_referenced(blob) and all(one.blob != blob for one in self._staged.values()):
                self._blobs.pop(blob, None)
        return len(old)

    def forget(self, blobs: Iterable[str], is_shared: Callable[[str], bool]) -> None:
        gone = set(blobs)
        self._staged = {key: one for key, one in self._staged.items() if one.blob not in gone}
        for blob in gone:
            if not is_shared(blob):
                self._blobs.pop(blob, None)


class MemoryErasable:
    """The ErasableStore port in memory."""

    def __init__(self) -> None:
        self._held: list[Erasable | None] = []

    def add(self, one: Erasable) -> tuple[int, str]:
        self._held.append(one)
        return len(self._held) - 1, sha256(repr(one).encode()).hexdigest()

    def read(self, place: int) -> Erasable | None:
        if not 0 <= place < len(self._held):
            raise NotFound("wraps.place")
        return self._held[place]

    def replace(self, changes: Mapping[int, Erasable | None]) -> None:
        for place, one in changes.items():
            self._held[place] = one

    def scan(self) -> Iterator[tuple[int, Erasable]]:
        return iter([(place, one) for place, one in enumerate(self._held) if one is not None])


class MemoryAccessLog:
    """The AccessLog port in memory."""

    def __init__(self) -> None:
        self._entries: list[Access] = []

    def write(self, access: Access) -> None:
        self._entries.append(access)

    def entries(self) -> Iterator[Access]:
        return iter(tuple(self._entries))

    def newest(self, before: int | None = None) -> Iterator[tuple[int, Access]]:
        numbered = list(enumerate(self._entries, 1))[: None if before is None else before - 1]
        return reversed(numbered)


class MemoryDirectory:
    """The Directory port in memory; a "hash" here is only a digest, fit for tests alone."""

    def __init__(self) -> None:
        self._people: dict[str, Account] = {}

    def by_staff_no(self, staff_no: str) -> Account | None:
        return next((one for one in self._people.values() if one.staff_no == staff_no), None)

    def by_person(self, person: str) -> Account | None:
        return self._people.get(person)

    def by_token(self, token_hash: str) -> Account | None:
        held = ((one, token) for one in self._people.values() for token in one.tokens)
        return next((one for one, token in held if token["hash"] == token_hash), None)

    def all(self) -> tuple[Account, ...]:
        return tuple(sorted(self._people.values(), key=lambda account: account.staff_no))

    def save(self, account: Account) -> None:
        other = self.by_staff_no(account.staff_no)
        if other is not None and other.person != account.person:
            raise Conflict("account.staff_no")
        self._people[account.person] = replace(account)

    def hash_password(self, password: str) -> str:
        return sha256(password.encode()).hexdigest()

    def password_is(self, account: Account | None, password: str) -> bool:
        return (
            account is not None and account.active and account.password_hash == self.hash_password(password)
        )


class MemoryTrust:
    """The TrustStore port in memory."""

    def __init__(self) -> None:
        self._chain: bytes | None = None
        self._snapshots: dict[int, tuple[bytes, bytes]] = {}

    def root_chain(self) -> bytes:
        if self._chain is None:
            raise NotFound("trust.root")
        return self._chain

    def save_root_chain(self, data: bytes) -> None:
        self._chain = data

    def snapshots(self) -> tuple[tuple[int, bytes, bytes], ...]:
        return tuple((index, *found) for index, found in sorted(self._snapshots.items()))

    def save_snapshot(self, index: int, envelope: bytes, people: bytes) -> None:
        self._snapshots[index] = (envelope, people)
