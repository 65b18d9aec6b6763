"""Templates keep the strict content security policy, work without scripts, and hold no decisions."""

from __future__ import annotations

import re
from pathlib import Path

from tests.house import sources

TAG = re.compile(r"<[a-zA-Z][^<>]*>", re.DOTALL)
HTMX = re.compile(r"\s(?:data-)?hx-[a-z]")
INLINE = {
    "style attribute": re.compile(r"<[^<>]*\sstyle\s*=", re.DOTALL),
    "event handler": re.compile(r"<[^<>]*\son[a-z]+\s*=", re.DOTALL),
    "style element": re.compile(r"<style\b"),
    "script without src": re.compile(r"<script\b(?![^>]*\bsrc\s*=)(?![^>]*type=[\"']application/json)"),
    "javascript address": re.compile(r"(?:href|action)\s*=\s*[\"']\s*javascript:", re.IGNORECASE),
    "address elsewhere": re.compile(r"<(?:script|link|img)\b[^>]*(?:src|href)\s*=\s*[\"'](?:https?:)?//"),
}
# The print page goes to the PDF renderer and `fengjian render` writes a file that stands alone: the
# application never answers a browser with either, and no policy binds them.
NEVER_SERVED = {"print.html", "render.html"}


def test_htmx_attributes_stand_only_in_parts() -> None:
    parts = sources.ROOT / "web/templates/parts"
    elsewhere = [
        sources.name(f)
        for f in _templates()
        if parts not in f.parents and any(HTMX.search(tag) for tag in TAG.findall(sources.text(f)))
    ]
    assert elsewhere == []


def test_no_page_carries_inline_script_or_style() -> None:
    found = [
        f"{sources.name(f)}: {kind}"
        for f in _templates()
        if f.name not in NEVER_SERVED
        for kind, pattern in INLINE.items()
        if pattern.search(sources.text(f))
    ]
    assert found == []


def test_nothing_is_marked_safe_by_hand() -> None:
    marked = re.compile(r"\|\s*safe\b|{%-?\s*autoescape\s+false")
    assert [sources.name(f) for f in _templates() if marked.search(sources.text(f))] == []


def test_every_htmx_request_has_a_plain_way_beside_it() -> None:
    """A form's own action, a link's own address, or a control inside a form: works without scripts."""
    sends = re.compile(r"\shx-(?:post|put|patch|delete)\s*=")
    plain = re.compile(r"\s(?:action|formaction|name)\s*=|<(?:input|select|textarea)\b")
    bare = [
        f"{sources.name(f)}: {tag[:60]}"
        for f in _templates()
        for tag in TAG.findall(sources.text(f))
        if sends.search(tag) and not plain.search(tag)
    ]
    assert bare == []


def _templates() -> tuple[Path, ...]:
    return sources.files("web/templates", suffixes=(".html",))
