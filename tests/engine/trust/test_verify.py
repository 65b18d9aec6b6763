"""郑老师 verifies from outside: what is good is good in all five, and every trap gets its own answer."""

from __future__ import annotations

import functools
import json
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from engine.trust import canonical, sentences
from engine.trust.envelope import encode_base64
from engine.trust.verdicts import NAMES
from engine.trust.verify import verify
from tests.engine.trust.agency import (
    DOC,
    LIN,
    TRUST,
    ZHOU,
)
from tests.engine.trust.judging import (
    GOOD,
    NOW,
    WORLD,
    codes,
    judged,
)


def test_a_good_bundle_is_good_in_all_five() -> None:
    report = verify(GOOD, TRUST, now=NOW)
    assert codes(report) == {}
    assert (report.outcome, report.exit_code, report.step, report.pinned) == ("good", 0, 9, True)
    assert (report.doc, report.state, report.seq, report.form, report.version) == (
        DOC,
        "effective",
        4,
        "info_entry",
        "1.0.0",
    )
    assert [(one.seq, one.path, one.value) for one in report.values] == [
        (1, "/insured/full_name", "张文兰"),
        (1, "/health/tubes/0", "none"),
    ]
    assert [(one.transition, one.person, one.role) for one in report.events] == [
        ("submit", LIN, "acceptance_clerk"),
        ("claim", ZHOU, "auditor"),
        ("approve", ZHOU, "auditor"),
        ("upload", "platform", "system"),
    ]
    assert report.header["doc_id"] == "LTCI-ENT-310199-20261122-000001-5"
    assert report.unchecked == ("approve: guards",)
    assert json.dumps(report.as_json(), ensure_ascii=False)


def test_a_bundle_that_discloses_nothing_holds_none_of_the_answers() -> None:
    data = WORLD.bundle(DOC)
    assert codes(verify(data, TRUST, now=NOW)) == {}
    for secret_text in ("张文兰", "31019919420315026X", "脑梗死", "1638.00"):
        assert secret_text.encode() not in data and encode_base64(secret_text.encode()).encode() not in data


def test_without_a_pinned_trust_file_the_identity_is_unknown_and_the_rest_stands() -> None:
    report = verify(GOOD, None, now=NOW)
    assert codes(report) == {"identity": "identity.not_known_here"}
    assert (report.outcome, report.exit_code, report.pinned) == ("unknown", 2, False)


def test_without_a_clock_freshness_is_unknown() -> None:
    assert codes(verify(GOOD, TRUST)) == {"freshness": "freshness.no_clock"}


def test_a_bundle_of_five_events_is_judged_in_milliseconds() -> None:
    def once() -> float:
        start = time.perf_counter()
        verify(GOOD, TRUST, now=NOW)
        return time.perf_counter() - start

    assert min(once() for _ in range(10)) < 0.02  # the goal is 5 ms on a quiet machine


def test_any_bytes_get_a_report() -> None:
    for data in (
        b"",
        b"\x00" * 100,
        b"{}",
        b"[]",
        b"null",
        b"%PDF-1.7",
        GOOD[:-1],
        b"[" * 100_000,
        canonical.encode({"format": "fengjian-bundle/v1"}),
    ):
        report = verify(data, TRUST, now=NOW)
        assert report.verdict("integrity").code == "integrity.not_a_bundle"
        assert report.exit_code == 1
        assert [one.status for one in report.verdicts[1:]] == ["unknown"] * 4
    assert judged(GOOD, b"not a trust file") == {
        "identity": "identity.trust_file",
        "integrity": "not_judged",
        "authority": "not_judged",
        "order": "not_judged",
        "freshness": "not_judged",
    }


def test_no_single_changed_byte_leaves_everything_good() -> None:
    chance = random.Random(20261122)
    for _ in range(400):
        at = chance.randrange(len(GOOD))
        flipped = GOOD[:at] + bytes((GOOD[at] ^ (1 << chance.randrange(8)),)) + GOOD[at + 1 :]
        assert verify(flipped, TRUST, now=NOW).outcome != "good", at


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield path
    members = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, member in members:
        yield from places(member, (*path, key))


def test_a_member_of_another_kind_gets_a_definite_answer_and_never_a_good_one() -> None:
    chance = random.Random(20261122)
    value = json.loads(GOOD)
    for *way, last in (one for one in places(value) if one and one != ("disclosures",)):
        put: Any = chance.choice([None, True, 0, -1, "", "x", [], {}, [1], {"a": 1}, [[]]])
        changed = json.loads(GOOD)
        parent = functools.reduce(lambda node, key: node[key], way, changed)
        if parent[last] == put:
            continue
        parent[last] = put
        report = verify(canonical.encode(changed), TRUST, now=NOW)
        assert report.outcome == "bad", (way, last, put)
        assert all("kind" not in one.facts for one in report.verdicts), (way, last, put)


def test_no_member_that_is_dropped_or_doubled_leaves_everything_good() -> None:
    value = json.loads(GOOD)
    for name in value:
        assert (
            verify(canonical.encode({k: v for k, v in value.items() if k != name}), TRUST, now=NOW).outcome
            == "bad"
        )
    for at in range(len(value["events"])):
        events = value["events"]
        for changed in (events[:at] + events[at + 1 :], [*events, events[at]], [events[at], *events]):
            assert verify(canonical.encode({**value, "events": changed}), TRUST, now=NOW).outcome == "bad"
    swapped = [value["events"][1], value["events"][0], *value["events"][2:]]
    assert verify(canonical.encode({**value, "events": swapped}), TRUST, now=NOW).outcome == "bad"


def test_every_code_of_a_report_has_a_sentence_in_both_languages() -> None:
    folder = Path(sentences.__file__).parent
    source = "".join(
        (folder / f"{name}.py").read_text() for name in ("verify", "chain", "signers", "verdicts")
    )
    used = set(
        re.findall(r'"((?:integrity|identity|authority|order|freshness)\.[a-z_]+|not_judged)"', source)
    )
    used |= {f"{name}.good" for name in NAMES}
    assert used == set(sentences.SENTENCES)
    for code, (chinese, english) in sentences.SENTENCES.items():
        assert chinese and english.isascii(), code
        assert not re.search("请|非法|格式错误", chinese), code
    for name in NAMES:
        assert sentences.title(name) and sentences.title(name, "en").isascii()
    assert "张" not in sentences.sentence("order.gap", {"expected": 2, "seq": 3}, "en")


def test_the_verifier_imports_nothing_but_the_standard_library_pynacl_and_the_errors() -> None:
    import subprocess
    import sys

    script = (
        "import sys; before=set(sys.modules); import engine.trust.verify, engine.trust.sentences;"
        "new={m.split('.')[0] for m in set(sys.modules)-before};"
        "print(sorted(n for n in new if n not in sys.stdlib_module_names and not n.startswith('_')),"
        "sorted(m for m in sys.modules if m.startswith('engine.') and not m.startswith('engine.trust')))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['engine', 'nacl'] ['engine.errors']"
