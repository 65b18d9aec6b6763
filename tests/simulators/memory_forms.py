"""The forms folder and the version drafts of an agency, in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

from engine.errors import Conflict
from engine.registry.bundle import FormBundle, digest_of
from engine.version_ports import KeptTrial, VersionDraft


class MemoryForms:
    """The FormArchive port."""

    def __init__(self) -> None:
        self.bundles: dict[str, tuple[FormBundle, dict[str, Any]]] = {}
        self.lifts: dict[str, Any] = {}
        self.beside: dict[str, dict[str, bytes]] = {}

    def keep(self, bundle: FormBundle, tables: Mapping[str, Any]) -> None:
        pinned = {one["file"]: tables[one["file"]] for one in bundle.schema.get("x-tables", {}).values()}
        self.bundles.setdefault(bundle.digest, (bundle, pinned))

    def bundle(self, digest: str) -> tuple[FormBundle, dict[str, Any]] | None:
        return self.bundles.get(digest)

    def keep_lift(self, lift: Any) -> str:
        digest = digest_of(lift)
        self.lifts.setdefault(digest, deepcopy(lift))
        return digest

    def lift(self, digest: str) -> Any | None:
        return deepcopy(self.lifts.get(digest))

    def keep_papers(self, digest: str, papers: Mapping[str, bytes]) -> None:
        self.beside[digest] = dict(papers)

    def papers(self, digest: str) -> dict[str, bytes]:
        return dict(self.beside.get(digest, {}))

    def all(self) -> Iterator[tuple[FormBundle, dict[str, Any]]]:
        yield from (self.bundles[digest] for digest in sorted(self.bundles))


class MemoryTrialResults:
    """The TrialResults port."""

    def __init__(self) -> None:
        self._kept: dict[str, KeptTrial] = {}

    def get(self, draft_id: str) -> KeptTrial | None:
        return self._kept.get(draft_id)

    def keep(self, result: KeptTrial) -> None:
        self._kept[result.draft] = result

    def forget(self, draft_id: str) -> None:
        self._kept.pop(draft_id, None)


class MemoryVersionDrafts:
    """The VersionDrafts port."""

    def __init__(self) -> None:
        self._drafts: dict[str, VersionDraft] = {}

    def get(self, draft_id: str) -> VersionDraft | None:
        return self._drafts.get(draft_id)

    def save(self, draft: VersionDraft, expected: int) -> None:
        held = self._drafts.get(draft.id)
        if (held.revision if held is not None else 0) != expected:
            raise Conflict("version_draft.revision", revision=held.revision if held is not None else 0)
        self._drafts[draft.id] = draft

    def discard(self, draft_id: str) -> None:
        self._drafts.pop(draft_id, None)

    def all(self) -> tuple[VersionDraft, ...]:
        found = sorted(self._drafts.values(), key=lambda draft: (draft.saved_at, draft.id))
        return tuple(reversed(found))
