"""The worked vectors in docs/ are what the code makes, and they hold when judged."""

from __future__ import annotations

import base64
import json
from datetime import datetime

from engine.trust.verify import verify
from tests.vectors.make_format_vectors import TARGET, text


def test_the_checked_in_vectors_are_what_the_script_makes() -> None:
    assert TARGET.read_text(encoding="utf-8") == text()


def test_the_vector_bundle_is_judged_as_the_vectors_say() -> None:
    stored = json.loads(TARGET.read_text(encoding="utf-8"))
    expected = stored["bundle_expected"]
    trust = base64.b64decode(stored["trust"]["trust_json_base64"])
    report = verify(
        base64.b64decode(stored["bundle_base64"]), trust, now=datetime.fromisoformat(expected["now"])
    )
    assert {one.name: one.status for one in report.verdicts} == expected["verdicts"]
    assert (report.state, report.seq) == (expected["state"], expected["seq"])
    assert [{"seq": one.seq, "path": one.path, "value": one.value} for one in report.values] == expected[
        "values"
    ]
    assert report.trust["fingerprint"] == stored["trust"]["fingerprint"]
