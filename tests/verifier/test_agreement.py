"""Both verifiers give equal reports: worked vectors, flipped bits, events dropped, swapped and repeated."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator
from typing import Any

from engine.trust import canonical, keys
from tests.engine.trust.agency import DOC, TRUST, with_a_document
from tests.verifier.asking import (
    ROOT,
    Question,
    first_says,
    folders,
    needs_node,
    question_of,
    second_says,
)  # fmt: skip

NOW = "2026-11-22T08:00:00Z"
GOOD = with_a_document().bundle(DOC, ("/health/tubes/0", "/insured/full_name"))
OTHER_KINDS: tuple[Any, ...] = (None, [], {}, "", 0, -1, True, "x", 2**53 - 1)
FLIPS = 300


def _asked(*bundles: bytes) -> list[Question]:
    return [Question(one, TRUST, NOW) for one in bundles]


def _assert_equal(questions: list[Question]) -> list[dict[str, Any]]:
    first = [first_says(one) for one in questions]
    second = second_says(questions)
    pairs = enumerate(zip(first, second, strict=True))
    differing = [(at, mine, theirs) for at, (mine, theirs) in pairs if mine != theirs]
    assert differing == []
    return first


@needs_node
def test_the_worked_vectors_get_their_verdicts_from_both() -> None:
    vectors = json.loads((ROOT / "docs" / "format-vectors.json").read_text("utf-8"))
    expected = vectors["bundle_expected"]
    asked = Question(
        base64.b64decode(vectors["bundle_base64"]),
        base64.b64decode(vectors["trust"]["trust_json_base64"]),
        expected["now"],
    )
    (report,) = _assert_equal([asked])
    values = [{name: one[name] for name in ("seq", "path", "value")} for one in report["values"]]
    verdicts = {one["name"]: one["status"] for one in report["verdicts"]}
    assert (verdicts, values) == (expected["verdicts"], expected["values"])
    assert report["trust"]["fingerprint"] == vectors["trust"]["fingerprint"]


@needs_node
def test_the_reports_on_the_corpus_are_equal_to_the_last_fact() -> None:
    _assert_equal([question_of(one)[0] for one in folders()])


@needs_node
def test_no_flipped_bit_is_accepted_and_both_give_the_same_reason() -> None:
    chance = random.Random(20261122)
    flipped = []
    for place in chance.sample(range(len(GOOD) * 8), FLIPS):
        changed = bytearray(GOOD)
        changed[place // 8] ^= 1 << place % 8
        flipped.append(bytes(changed))
    reports = _assert_equal(_asked(*flipped))
    assert {one["outcome"] for one in reports} == {"bad"}


@needs_node
def test_every_dropped_swapped_or_repeated_event_is_refused_by_both() -> None:
    reports = _assert_equal(_asked(*_rearranged()))
    assert {one["outcome"] for one in reports} == {"bad"}


def _rearranged() -> Iterator[bytes]:
    count = len(json.loads(GOOD)["events"])
    for one in range(count):
        for other in range(count):
            value = json.loads(GOOD)
            events = value["events"]
            if one == other:
                del events[one]
            elif one < other:
                events[one], events[other] = events[other], events[one]
            else:
                events.insert(one, events[other])
            yield canonical.encode(value)


@needs_node
def test_a_member_of_another_kind_gets_the_same_answer_from_both() -> None:
    chance = random.Random(3)
    places = [place for place in _places(json.loads(GOOD)) if place]
    changed = []
    for place in chance.sample(places, min(len(places), 120)):
        for other in chance.sample(OTHER_KINDS, 3):
            value = json.loads(GOOD)
            node: Any = value
            for step in place[:-1]:
                node = node[step]
            node[place[-1]] = other
            changed.append(canonical.encode(value))
    _assert_equal(_asked(*changed))


def _places(value: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield here
    steps = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, member in steps:
        yield from _places(member, (*here, step))


def test_the_first_verifier_knows_the_points_of_small_order() -> None:
    assert [one for one in keys.LOW_ORDER if keys.is_acceptable(one)] == []
