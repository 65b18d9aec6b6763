"""Both verifiers say the same of papers: genuine, edited, rewritten, appended to, stripped, cut."""

from __future__ import annotations

import json
import subprocess
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from tests.verifier.asking import VERIFIER, needs_node
from tests.web.conftest import DemoAgency
from tests.web.test_verify import NOW, enclosures, rewritten, with_edited_page
from web.pdf.drawn import drawn_pages
from web.verification.judge import judge


def papers(paper: bytes) -> dict[str, bytes]:
    """A paper in every state it may be handed in."""
    appended = PdfWriter(BytesIO(paper), incremental=True)
    appended.add_metadata({"/Title": "别的"})
    shorter = PdfWriter(clone_from=BytesIO(paper))
    shorter.remove_page(2)
    annotated = PdfWriter(clone_from=BytesIO(paper))
    annotated.add_uri(0, "https://example.org/（一）", RectangleObject((20.5, 30, 0.125, 400)))
    return {
        "genuine": paper,
        "edited": with_edited_page(paper, 1),
        "rewritten": rewritten(paper),
        "appended": _written(appended),
        "a page less": _written(shorter),
        "annotated": _written(annotated),
        "no page seal": rewritten(paper, without=("page.json",)),
        "unsealed": rewritten(paper, without=("bundle.json", "page.json")),
        "forged page seal": rewritten(paper, page=b"{}"),
        "another bundle": rewritten(paper, bundle=b"{}"),
        "cut": paper[: len(paper) // 2],
        "empty": b"%PDF-1.7\n",
        "bundle": enclosures(paper)["bundle.json"],
        "nothing": b"",
    }


def _written(writer: PdfWriter) -> bytes:
    out = BytesIO()
    writer.write(out)
    return out.getvalue()


def second_says(file: Path, trust: Path | None) -> tuple[int, dict[str, Any]]:
    """Exit code and JSON of the verifier in JavaScript."""
    pinned = () if trust is None else ("--trust", str(trust))
    at = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    done = subprocess.run(
        ["node", str(VERIFIER / "cli.mjs"), str(file), *pinned, "--at", at, "--json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


@needs_node
@pytest.mark.parametrize("is_pinned", [True, False])
def test_both_verifiers_say_the_same_of_every_paper(
    demo: DemoAgency, genuine_paper: bytes, tmp_path: Path, is_pinned: bool
) -> None:
    trust = tmp_path / "trust.json"
    trust.write_bytes(demo.services.desk.trust.root_chain())
    pinned = trust if is_pinned else None
    first, second = {}, {}
    for name, data in papers(genuine_paper).items():
        file = tmp_path / "handed-in"
        file.write_bytes(data)
        case = judge(data, trust=pinned.read_bytes() if pinned else None, now=NOW)
        first[name] = (case.exit_code, json.loads(json.dumps(case.as_json())))
        second[name] = second_says(file, pinned)
    assert {name: one[1]["result"] for name, one in second.items()} == {
        name: one[1]["result"] for name, one in first.items()
    }
    assert second == first


def test_the_pages_of_the_genuine_paper_have_three_digests(genuine_paper: bytes) -> None:
    drawn = drawn_pages(genuine_paper)
    assert (len(set(drawn)), len(PdfReader(BytesIO(genuine_paper)).pages)) == (3, 3)
