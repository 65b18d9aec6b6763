"""How the tests ask the second verifier: one Node process for many bundles, one report for each."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from engine.trust.verdicts import Policy
from engine.trust.verify import verify

ROOT = Path(__file__).resolve().parents[2]
VERIFIER = ROOT / "web" / "verifier"
CORPUS = ROOT / "tests" / "corpus"

needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (ROOT / "node_modules" / "@noble").is_dir(),
    reason="the second verifier runs in Node with the packages that make test installs; they are not here",
)


@dataclass(frozen=True)
class Question:
    """A bundle with all that its judgement depends on."""

    bundle: bytes
    trust: bytes | None
    now: str | None
    policy: Mapping[str, Any] = field(default_factory=dict)

    def as_line(self) -> str:
        """As one line for the second verifier."""
        trust = None if self.trust is None else base64.b64encode(self.trust).decode()
        bundle = base64.b64encode(self.bundle).decode()
        return json.dumps({"bundle": bundle, "trust": trust, "now": self.now, "policy": dict(self.policy)})


def first_says(one: Question) -> dict[str, Any]:
    """The report of the verifier in Python, as it looks after a way through JSON."""
    now = datetime.fromisoformat(one.now) if one.now is not None else None
    report = verify(one.bundle, one.trust, Policy(**one.policy), now)
    found: dict[str, Any] = json.loads(json.dumps(report.as_json()))
    return found


def second_says(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """The reports of the verifier in JavaScript, in the same order."""
    lines = "".join(one.as_line() + "\n" for one in questions)
    done = subprocess.run(
        ["node", str(VERIFIER / "cli.mjs"), "--batch"], input=lines, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return [json.loads(line) for line in done.stdout.splitlines()]


def codes(report: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Status and code of each verdict."""
    return {one["name"]: {"status": one["status"], "code": one["code"]} for one in report["verdicts"]}


def folders() -> list[Path]:
    """The folders of the corpus."""
    return sorted(one.parent for one in CORPUS.glob("*/expected.json"))


def question_of(folder: Path) -> tuple[Question, dict[str, Any]]:
    """The question a folder asks, and the answer it expects."""
    said = json.loads((folder / "expected.json").read_text("utf-8"))
    trust = None if said["trust"] is None else (folder / said["trust"]).read_bytes()
    return Question((folder / "bundle.json").read_bytes(), trust, said["now"], said["policy"]), said
