"""Ports of the registry at run time: version drafts being written, and the forms folder of an agency.

Decides shapes only, as `ports` does.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from engine.registry.bundle import FormBundle


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """A form version being written. `files` are texts by path in the folder (schema.json, states.json,
    layout.json, locale/en.json, lift.json, CHANGES.md, examples/…); any of them may be no valid JSON yet.

    `version` is the number it is to have, `follows` and `base_digest` the version it was begun from ("" for
    a new form). `revision` counts saves from 1.
    """

    id: str
    form: str
    version: str
    follows: str
    base_digest: str
    revision: int
    files: Mapping[str, str]
    created_by: str
    created_at: str
    saved_by: str
    saved_at: str
    semantic: bool = False  # the editor declares that a meaning changes although the shape does not
    received: str = ""  # the digest of the bundle it came with from another agency, whose tables are kept


class VersionDrafts(Protocol):
    """Drafts of versions. `save` succeeds only when the stored revision is `expected` (0 = new); else
    `Conflict`."""

    def get(self, draft_id: str) -> VersionDraft | None: ...
    def save(self, draft: VersionDraft, expected: int) -> None: ...
    def discard(self, draft_id: str) -> None: ...
    def all(self) -> tuple[VersionDraft, ...]: ...


@dataclass(frozen=True, slots=True)
class KeptTrial:
    """A trial run of a version draft as it is kept: what was tried, by whom, how far it came.

    `digest` and `lift` name what was judged, `base` the version the draft was begun from; `run` is
    engine.desk.trials.TrialRun as JSON, {} before the first word of it. While `is_over` is false and nobody
    runs it, it was broken off.
    """

    draft: str
    form: str
    digest: str
    lift: str
    base: str
    most: int | None
    started_by: str
    started_at: str
    ended_at: str = ""
    failure: str = ""
    is_over: bool = False
    run: Mapping[str, Any] = field(default_factory=dict)


class TrialResults(Protocol):
    """The newest trial run of each version draft. No personal data: counts, causes, ids of documents."""

    def get(self, draft_id: str) -> KeptTrial | None: ...
    def keep(self, result: KeptTrial) -> None:
        """In place of the one before; `Unavailable("disk")`."""
        ...

    def forget(self, draft_id: str) -> None: ...


class FormArchive(Protocol):
    """Every form version an agency has worked with or proposed, by digest; nothing in it is overwritten."""

    def keep(self, bundle: FormBundle, tables: Mapping[str, Any]) -> None:
        """Keep a version and the tables it pins, by file name; nothing when they are there."""
        ...

    def bundle(self, digest: str) -> tuple[FormBundle, dict[str, Any]] | None:
        """A kept version with its tables; `Broken` when its bytes are not what the digest says."""
        ...

    def keep_lift(self, lift: Any) -> str:
        """Keep a lift (parsed JSON); its digest."""
        ...

    def lift(self, digest: str) -> Any | None:
        """A kept lift; `Broken` when its bytes are not what the digest says."""
        ...

    def keep_papers(self, digest: str, papers: Mapping[str, bytes]) -> None:
        """Keep what lies beside a bundle and is not signed: examples and CHANGES.md. The newest stay."""
        ...

    def papers(self, digest: str) -> dict[str, bytes]:
        """What was kept beside a bundle; {} when nothing was."""
        ...

    def all(self) -> Iterator[tuple[FormBundle, dict[str, Any]]]: ...
