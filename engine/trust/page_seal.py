"""The page seal: the platform's word for what the pages of one print showed when they were made.

Decides its bytes (docs/format.md "Page seal"). A PDF cannot hold its own digest; it can hold a signed digest
of each page as drawn, of the bundle beside it, and the document and event they belong to. Whoever changes a
page, swaps the bundle or moves the seal to another file contradicts it. Never reads a PDF: digests are
arguments.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.trust import canonical, keys
from engine.trust.envelope import PAGE, Envelope, exact_members, refuse
from engine.trust.identifiers import is_digest
from engine.trust.root import TrustRoot
from engine.trust.statement import is_time, is_word

MAX_PAGES = 200


@dataclass(frozen=True, slots=True)
class PageSeal:
    """`event` and `index` are the document's last event when it was printed, `kind` the paper (`form`, or the
    name of a notice), `bundle` the SHA-256 of the embedded bundle, `pages` one digest per page as drawn."""

    origin: str
    doc: str
    event: str
    index: int
    kind: str
    copy: str
    printed_at: str
    bundle: str
    pages: tuple[str, ...]


def payload(seal: PageSeal) -> bytes:
    """The canonical payload."""
    return canonical.encode(
        {
            "v": 1, "origin": seal.origin, "doc": seal.doc, "event": seal.event, "index": seal.index,
            "kind": seal.kind, "copy": seal.copy, "printed_at": seal.printed_at, "bundle": seal.bundle,
            "pages": list(seal.pages),
        }
    )  # fmt: skip


_MEMBERS = ("v", "origin", "doc", "event", "index", "kind", "copy", "printed_at", "bundle", "pages")


def read(data: bytes) -> PageSeal:
    """The page seal in a payload; `Invalid` (`page_seal.format`) unless exact and canonical."""
    value = canonical.parse(data)
    got = exact_members(value, "", _MEMBERS)
    pages = got["pages"]
    holds = (
        type(got["v"]) is int
        and got["v"] == 1
        and isinstance(got["origin"], str)
        and is_word(got["doc"])
        and is_digest(got["event"])
        and type(got["index"]) is int
        and got["index"] >= 0
        and is_word(got["kind"])
        and isinstance(got["copy"], str)
        and len(got["copy"]) <= 64
        and is_time(got["printed_at"])
        and is_digest(got["bundle"])
        and isinstance(pages, list)
        and 1 <= len(pages) <= MAX_PAGES
        and all(map(is_digest, pages))
    )
    if not holds or not canonical.is_canonical(data, value):
        raise refuse("", "page_seal.format")
    return PageSeal(
        got["origin"],
        got["doc"],
        got["event"],
        got["index"],
        got["kind"],
        got["copy"],
        got["printed_at"],
        got["bundle"],
        tuple(pages),
    )


def open_sealed(data: bytes, root: TrustRoot) -> PageSeal | None:
    """The page seal of an envelope's JSON bytes when a platform key of `root`, valid at its index, signed it.

    None when nobody known signed it; raises `Invalid` when the bytes are no page seal at all.
    """
    envelope = Envelope.from_json(canonical.parse(data, max_bytes=256 * 1024))
    if envelope.payload_type != PAGE:
        raise refuse("/payloadType", "page_seal.format")
    seal = read(envelope.payload)
    signed = envelope.pae()
    for one in envelope.signatures:
        known = root.platform_key(one.public_key, seal.index)
        if known is None or known.suite != one.suite:
            continue
        if keys.is_valid(one.public_key, signed, one.signature):
            return seal
    return None


def differing_pages(seal: PageSeal, drawn: tuple[str, ...]) -> tuple[int, ...]:
    """The numbers (from 1) of the pages that do not show what was sealed; one too many or too few counts."""
    longest = max(len(seal.pages), len(drawn))
    return tuple(
        number + 1
        for number in range(longest)
        if seal.pages[number : number + 1] != drawn[number : number + 1]
    )
