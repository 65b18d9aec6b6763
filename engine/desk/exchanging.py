"""A published form version as one signed file, which another agency takes in as a draft of its own.

Decides what the file holds and when it is believed. Taking a version in publishes nothing: it becomes a
draft, and comes into force by the agency's own revision document, as any other.

    format   "fengjian-form-version/v1"
    form, version, sha256, lift_sha256, bundle, tables {file: table}, lift (null without one)
    papers   {path: text}: examples and CHANGES.md
    proof    base64 of the proof bundle of the revision document that published it, or of the event by which
             the platform recorded that a release brought it along
    seal     {key, sig}: base64, the platform's signature over PAE(TYPE, canonical JSON of all the above)

Steps of `read_version`:
 1 the file has these members
 2 the proof holds, on the trust file that is held here, and the log has published this very version, or
   recorded it as shipped
 3 the platform key that sealed the file was valid then
 4 bundle, tables and lift are what the published digests say
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.desk import proving, reading, revisions, shipping, version_drafts
from engine.desk.desk import Desk
from engine.desk.version_checks import LIFT_FILE
from engine.errors import Conflict, Invalid, NotFound, Problem
from engine.lifecycle.people import Actor
from engine.registry.bundle import FormBundle, digest_of
from engine.trust import bundle as proof_bundle
from engine.trust import canonical, identifiers, keys, root
from engine.trust.envelope import decode_base64, encode_base64
from engine.trust.verify import verify
from engine.version_ports import VersionDraft
from engine.versions.published import Published, published_in, shipped_in

FORMAT: Final = "fengjian-form-version/v1"
TYPE: Final = "application/vnd.fengjian.form-version.v1+json"
MOST_BYTES: Final = canonical.BUNDLE_MAX_BYTES
_PARTS: Final = ("schema", "states", "layout", "locale")
_SEALED: Final = ("form", "version", "sha256", "lift_sha256", "bundle", "tables", "lift", "papers", "proof")
_MEMBERS: Final = frozenset({"format", "seal", *_SEALED})
# Freshness says how old the file is, which does not matter: a version stays what it is.
_NEEDED: Final = ("integrity", "identity", "authority", "order")


@dataclass(frozen=True, slots=True)
class Received:
    """A version file that was believed: who published it, when, and what it holds."""

    agency: Mapping[str, Any]
    published: Published
    bundle: FormBundle
    tables: Mapping[str, Any]
    lift: Any | None
    papers: Mapping[str, str]


def export_version(desk: Desk, actor: Actor, form: str, version: str) -> bytes:
    """The signed file of a version that this agency published, or that its release brought along.

    Raises NotFound for a shipped version that is not recorded yet: the next start does that.
    """
    version_drafts.check_writer(desk, actor)
    span = desk.registry.span(form, version)
    entry = span.published or shipping.entry_of(desk, form, version)
    archive = desk.workshop.archive
    kept = archive.bundle(span.form.digest)
    if entry is None or kept is None:
        raise NotFound("version.not_published_here", form=form, version=version)
    bundle, tables = kept
    if entry.revision:
        proof = proving.bundle_of(desk, reading.row_of(desk, entry.revision), proving.nothing)
    else:
        proof = proving.bundle_of_record(desk, entry.index)
    value: dict[str, Any] = {
        "format": FORMAT,
        "form": form,
        "version": version,
        "sha256": entry.digest,
        "lift_sha256": entry.lift,
        "bundle": {name: getattr(bundle, name) for name in _PARTS},
        "tables": tables,
        "lift": revisions.lift_of(desk, form, version),
        "papers": {name: data.decode() for name, data in archive.papers(entry.digest).items()},
        "proof": encode_base64(proof),
    }
    made = desk.vault.sign_platform(identifiers.pae(TYPE, canonical.encode_bundle(value)))
    seal = {"key": encode_base64(made.public_key), "sig": encode_base64(made.signature)}
    return canonical.encode_bundle({**value, "seal": seal})


def import_version(desk: Desk, actor: Actor, data: bytes, trust: bytes) -> VersionDraft:
    """A draft with the content of a version file, once it is believed; see `read_version`.

    It follows this agency's newest version of the form, and keeps the number it came with. Raises Conflict
    when this agency holds that very version already.
    """
    version_drafts.check_writer(desk, actor)
    found = read_version(data, trust)
    if any(one.digest == found.bundle.digest for one in desk.registry.known()):
        raise Conflict("version.published", form=found.bundle.form, version=found.bundle.version)
    desk.workshop.archive.keep(found.bundle, found.tables)
    form, version = found.bundle.form, found.bundle.version
    files = version_drafts.texts_of(found.bundle, version) | dict(found.papers)
    if found.lift is not None:
        files[LIFT_FILE] = version_drafts.pretty(found.lift)
    version_drafts.check_files(files)
    return version_drafts.store_new(desk, actor, form, version, files, received=found.bundle.digest)


def read_version(data: bytes, trust: bytes) -> Received:
    """The version in a file, believed on the publisher's `trust` (trust.json, from a source of its own).

    Raises Invalid: `version_file.malformed`, `version_file.proof` (facts verdict, reason),
    `version_file.not_published`, `version_file.seal`, `version_file.digest` (facts what), and json.*.
    """
    # 1
    value = canonical.parse_bundle(data, max_bytes=MOST_BYTES)
    if not isinstance(value, dict) or value.keys() != _MEMBERS or value["format"] != FORMAT:
        raise _wrong("malformed")
    if not _is_shaped(value):
        raise _wrong("malformed")
    # 2
    proof = decode_base64(value["proof"], "/proof")
    report = verify(proof, trust)
    for verdict in report.verdicts:
        if verdict.name in _NEEDED and (verdict.status != "good" or not report.pinned):
            raise _wrong("proof", verdict=verdict.name, reason=verdict.code)
    entry = _published(proof, value)
    # 3
    top = root.walk(root.read_trust_file(trust))[-1]
    unsealed = {name: part for name, part in value.items() if name != "seal"}
    key = decode_base64(value["seal"].get("key"), "/seal/key")
    signature = decode_base64(value["seal"].get("sig"), "/seal/sig")
    message = identifiers.pae(TYPE, canonical.encode_bundle(unsealed))
    if top.platform_key(key, entry.index) is None or not keys.is_valid(key, message, signature):
        raise _wrong("seal")
    # 4
    bundle = FormBundle(value["form"], value["version"], **value["bundle"], digest=digest_of(value["bundle"]))
    pins = bundle.schema.get("x-tables", {}).values()
    held = {one["file"]: digest_of(value["tables"].get(one["file"])) for one in pins}
    lift = digest_of(value["lift"]) if value["lift"] is not None else ""
    said = {
        "bundle": bundle.digest == entry.digest,
        "lift": lift == entry.lift,
        "tables": all(held[one["file"]] == one["sha256"] for one in pins),
    }
    for what, is_right in said.items():
        if not is_right:
            raise _wrong("digest", what=what)
    return Received(top.agency, entry, bundle, value["tables"], value["lift"], value["papers"])


def _is_shaped(value: Mapping[str, Any]) -> bool:
    """Whether the members are of the types that later steps count on."""
    bundle, tables, papers = value["bundle"], value["tables"], value["papers"]
    texts = (value["form"], value["version"], value["sha256"], value["lift_sha256"], value["proof"])
    return (
        all(isinstance(one, dict) for one in (bundle, tables, papers, value["seal"]))
        and bundle.keys() == set(_PARTS)
        and all(isinstance(part, dict) for part in bundle.values())
        and all(isinstance(text, str) for text in (*papers.values(), *texts))
    )


def _published(proof: bytes, value: Mapping[str, Any]) -> Published:
    """The entry by which the proven events published this version, or recorded it as shipped."""
    for envelope, _, place in proof_bundle.read(proof).events:
        said = canonical.parse(envelope.payload)
        for one in (*published_in(said, place.index), *shipped_in(said, place.index)):
            if (one.form, one.version, one.digest) == (value["form"], value["version"], value["sha256"]):
                return one
    raise _wrong("not_published")


def _wrong(code: str, **facts: Any) -> Invalid:
    return Invalid("version_file", problems=[Problem("", f"version_file.{code}", facts)])
