"""Uploaded files are what their bytes say."""

from __future__ import annotations

import pytest

from engine.errors import Invalid
from tests.web.scans import picture
from web.security.sniff import Limits, sniff


def code_of(data: bytes, limits: Limits | None = None) -> str:
    with pytest.raises(Invalid) as refusal:
        sniff(data, limits)
    return refusal.value.problems[0].code


@pytest.mark.parametrize(
    ("kind", "media_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
    ],
)
def test_pictures_are_known_by_their_bytes(kind: str, media_type: str) -> None:
    assert sniff(picture(kind)) == media_type


def test_a_pdf_is_known_by_its_head_and_its_end() -> None:
    assert sniff(b"%PDF-1.7\n1 0 obj\n%%EOF\n") == "application/pdf"
    assert code_of(b"%PDF-1.7\n1 0 obj\n") == "file.damaged"


@pytest.mark.parametrize(
    "data",
    [
        b"<html><script>1</script></html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a\x01\x00\x01\x00",
        b"MZ\x90\x00",
        b"PK\x03\x04",
    ],
)
def test_everything_else_is_refused_whatever_it_is_called(data: bytes) -> None:
    assert code_of(data) == "file.type"


def test_a_cut_picture_is_damaged() -> None:
    assert code_of(picture("PNG", (64, 64))[:60]) == "file.damaged"


def test_a_small_file_with_a_huge_picture_is_refused_before_it_is_decoded() -> None:
    assert code_of(picture("PNG", (2000, 2000)), Limits(pixels=1_000_000)) == "file.pixels"


def test_empty_and_too_large_files_are_refused() -> None:
    assert code_of(b"") == "file.empty"
    assert code_of(b"x" * 11, Limits(size=10)) == "file.too_large"
