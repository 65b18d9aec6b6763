"""Every form version this folder has worked with, kept beside its documents.

Decides where they lie: by digest, never overwritten. A document must be readable under the version it was
signed with for as long as it is kept, whatever a later release ships.

    forms/<digest>.json          {"form","version","bundle":{schema,states,layout,locale}}
    forms/tables/<digest>.json   a code table that a kept version pins
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.errors import Broken
from engine.registry.bundle import FormBundle, digest_of
from engine.trust import canonical
from storage.disk import Disk


class KeptForms:
    """Form bundles and the tables they pin, content-addressed."""

    def __init__(self, folder: Path, disk: Disk | None = None) -> None:
        self._folder, self._tables = folder, folder / "tables"
        self._tables.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._disk = disk or Disk()

    def keep(self, bundle: FormBundle, tables: Mapping[str, Any]) -> None:
        """Keep a version and the tables it pins; does nothing when they are there. `tables` by file name."""
        if self._path(bundle.digest).exists():
            return
        for pinned in bundle.schema.get("x-tables", {}).values():
            place = self._tables / f"{pinned['sha256']}.json"
            if not place.exists():
                self._disk.replace_file(place, canonical.encode_bundle(tables[pinned["file"]]))
        value = {"form": bundle.form, "version": bundle.version, "bundle": parts_of(bundle)}
        self._disk.replace_file(self._path(bundle.digest), canonical.encode_bundle(value))

    def all(self) -> Iterator[tuple[FormBundle, dict[str, Any]]]:
        """Every kept version with its tables by file name; `Broken` when one is not what its name says."""
        for path in sorted(self._folder.glob("*.json")):
            value = canonical.parse_bundle(path.read_bytes())
            parts = value["bundle"]
            if digest_of(parts) != path.stem:
                raise Broken("form.digest", digest=path.stem)
            tables = {
                pinned["file"]: self._table(pinned["sha256"])
                for pinned in parts["schema"].get("x-tables", {}).values()
            }
            yield FormBundle(value["form"], value["version"], **parts, digest=path.stem), tables

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
