"""Every form version this folder has worked with, kept beside its documents.

Decides where they lie: by digest, never overwritten. A document must be readable under the version it was
signed with for as long as it is kept, whatever a later release ships.

    forms/<digest>.json          {"form","version","bundle":{schema,states,layout,locale}}
    forms/tables/<digest>.json   a code table that a kept version pins
    forms/lifts/<digest>.json    a lift that a proposed or published version brings
    forms/papers/<digest>.json   examples and CHANGES.md beside a bundle, {path: text}; not signed
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import Broken
from engine.registry.bundle import FormBundle, digest_of
from engine.trust import canonical
from storage.disk import Disk

_NONE: Mapping[str, Callable[[], dict[str, bytes]]] = {}
_DIGEST = re.compile(r"[0-9a-f]{64}\Z")


class KeptForms:
    """Form bundles, the tables they pin and their lifts, content-addressed."""

    def __init__(
        self,
        folder: Path,
        disk: Disk | None = None,
        shipped: Mapping[str, Callable[[], dict[str, bytes]]] = _NONE,
    ) -> None:
        """`shipped` gives by digest the papers that a release brings along, which are not copied."""
        self._shipped = shipped
        self._folder, self._tables = folder, folder / "tables"
        self._lifts, self._papers = folder / "lifts", folder / "papers"
        for one in (self._tables, self._lifts, self._papers):
            one.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._disk = disk or Disk()

    def keep(self, bundle: FormBundle, tables: Mapping[str, Any]) -> None:
        """Keep a version and the tables it pins; does nothing when they are there. `tables` by file name.

        Raises `Broken` when what is given is not what its digest says.
        """
        if self._path(bundle.digest).exists():
            return
        if digest_of(parts_of(bundle)) != bundle.digest:
            raise Broken("form.digest", digest=bundle.digest)
        for pinned in bundle.schema.get("x-tables", {}).values():
            place = self._tables / f"{pinned['sha256']}.json"
            if not place.exists():
                self._disk.replace_file(place, canonical.encode_bundle(tables[pinned["file"]]))
        value = {"form": bundle.form, "version": bundle.version, "bundle": parts_of(bundle)}
        self._disk.replace_file(self._path(bundle.digest), canonical.encode_bundle(value))

    def bundle(self, digest: str) -> tuple[FormBundle, dict[str, Any]] | None:
        """A kept version with its tables by file name; `Broken` when it is not what its name says."""
        path = self._path(digest)
        return self._read(path) if _DIGEST.match(digest) and path.exists() else None

    def all(self) -> Iterator[tuple[FormBundle, dict[str, Any]]]:
        """Every kept version with its tables by file name; `Broken` when one is not what its name says."""
        for path in sorted(self._folder.glob("*.json")):
            yield self._read(path)

    def keep_lift(self, lift: Any) -> str:
        """Keep a lift (parsed JSON); its digest."""
        digest = digest_of(lift)
        place = self._lifts / f"{digest}.json"
        if not place.exists():
            self._disk.replace_file(place, canonical.encode_bundle(lift))
        return digest

    def lift(self, digest: str) -> Any | None:
        """A kept lift; `Broken` when it is not what its name says."""
        place = self._lifts / f"{digest}.json"
        if not _DIGEST.match(digest) or not place.exists():
            return None
        value = canonical.parse_bundle(place.read_bytes())
        if digest_of(value) != digest:
            raise Broken("form.lift_digest", digest=digest)
        return value

    def keep_papers(self, digest: str, papers: Mapping[str, bytes]) -> None:
        """Keep what lies beside a bundle and is not signed; what is there already is replaced."""
        texts = {name: data.decode() for name, data in papers.items()}
        data = json.dumps(texts, ensure_ascii=False, sort_keys=True).encode()
        place = self._papers / f"{digest}.json"
        if not place.exists() or place.read_bytes() != data:
            self._disk.replace_file(place, data)

    def papers(self, digest: str) -> dict[str, bytes]:
        """What was kept beside a bundle; {} when nothing was."""
        place = self._papers / f"{digest}.json"
        if not _DIGEST.match(digest) or not place.exists():
            return self._shipped[digest]() if digest in self._shipped else {}
        return {name: text.encode() for name, text in json.loads(place.read_bytes()).items()}

    def _read(self, path: Path) -> tuple[FormBundle, dict[str, Any]]:
        value = canonical.parse_bundle(path.read_bytes())
        parts = value["bundle"]
        if digest_of(parts) != path.stem:
            raise Broken("form.digest", digest=path.stem)
        tables = {
            pinned["file"]: self._table(pinned["sha256"])
            for pinned in parts["schema"].get("x-tables", {}).values()
        }
        return FormBundle(value["form"], value["version"], **parts, digest=path.stem), tables

    def _table(self, digest: str) -> Any:
        table = canonical.parse_bundle((self._tables / f"{digest}.json").read_bytes())
        if digest_of(table) != digest:
            raise Broken("form.table_digest", digest=digest)
        return table

    def _path(self, digest: str) -> Path:
        return self._folder / f"{digest}.json"


def parts_of(bundle: FormBundle) -> dict[str, Any]:
    """What a bundle's digest covers."""
    return {
        "schema": bundle.schema,
        "states": bundle.states,
        "layout": bundle.layout,
        "locale": bundle.locale,
    }
