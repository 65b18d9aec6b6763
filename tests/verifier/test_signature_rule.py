"""The rule for Ed25519 signatures is the same in both verifiers: libsodium's, on its hard cases."""

from __future__ import annotations

import hashlib
import json
import subprocess

import pytest

from engine.trust import keys
from tests.verifier.asking import ROOT, VERIFIER, needs_node

WYCHEPROOF = ROOT.parent / "shared" / "vectors" / "wycheproof" / "ed25519_test.json"
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int]
NEUTRAL: Point = (0, 1)


def _second_says(cases: list[tuple[bytes, bytes, bytes]]) -> list[bool]:
    lines = "".join(json.dumps([one.hex() for one in case]) + "\n" for case in cases)
    done = subprocess.run(
        ["node", str(VERIFIER / "cli.mjs"), "--signatures"], input=lines, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    return [bool(json.loads(line)) for line in done.stdout.splitlines()]


@needs_node
def test_wycheproof_gets_the_same_answers_from_both() -> None:
    if not WYCHEPROOF.exists():
        pytest.skip("the Wycheproof vectors are not beside the checkout (../shared/vectors)")
    groups = json.loads(WYCHEPROOF.read_text("utf-8"))["testGroups"]
    rows = [(group["publicKey"]["pk"], one) for group in groups for one in group["tests"]]
    cases = [
        (bytes.fromhex(key), bytes.fromhex(one["msg"]), bytes.fromhex(one["sig"])) for key, one in rows
    ]
    expected = [one["result"] == "valid" for _, one in rows]
    assert len(cases) == 151
    assert [keys.is_valid(*one) for one in cases] == expected
    assert _second_says(cases) == expected


@needs_node
def test_points_with_a_part_of_small_order_get_the_same_answers_from_both() -> None:
    torsion = _of_order_eight()
    cases = [
        _signed(f"{number}".encode(), nonce, key)
        for number in range(12)
        for nonce in (NEUTRAL, torsion)
        for key in (NEUTRAL, torsion)
    ]
    first = [keys.is_valid(*one) for one in cases]
    assert (any(first), all(first)) == (True, False)
    assert _second_says(cases) == first


@needs_node
def test_small_order_and_unreduced_parts_are_refused_by_both() -> None:
    key, message, good = _signed(b"m", NEUTRAL, NEUTRAL)
    raised = int.from_bytes(good[32:], "little") + L
    cases = [(key, message, good[:32] + raised.to_bytes(32, "little"))]
    for point in sorted(keys.LOW_ORDER):
        challenge = _challenge(point, key, message)
        cases.append((key, message, point + (challenge * 123456789 % L).to_bytes(32, "little")))
        cases.append((point, message, good))
        cases.append((point, message, point + bytes(32)))
    assert [keys.is_valid(*one) for one in cases] == [False] * len(cases)
    assert _second_says(cases) == [False] * len(cases)


def _add(one: Point, other: Point) -> Point:
    (x1, y1), (x2, y2) = one, other
    k = D * x1 * x2 * y1 * y2 % P
    return (
        (x1 * y2 + x2 * y1) * pow(1 + k, P - 2, P) % P,
        (y1 * y2 + x1 * x2) * pow(1 - k, P - 2, P) % P,
    )


def _times(scalar: int, point: Point) -> Point:
    out = NEUTRAL
    while scalar:
        if scalar & 1:
            out = _add(out, point)
        point = _add(point, point)
        scalar >>= 1
    return out


def _point(y: int, sign: int) -> Point:
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    return (P - x if x & 1 != sign else x, y)


def _of_order_eight() -> Point:
    for encoded in sorted(keys.LOW_ORDER):
        y = int.from_bytes(encoded, "little") & (2**255 - 1)
        point = _point(y, encoded[31] >> 7)
        if y < P and _times(4, point) != NEUTRAL:
            return point
    raise AssertionError("there are four points of order eight")


def _encoded(point: Point) -> bytes:
    return (point[1] | (point[0] & 1) << 255).to_bytes(32, "little")


def _challenge(nonce: bytes, key: bytes, message: bytes) -> int:
    return int.from_bytes(hashlib.sha512(nonce + key + message).digest(), "little") % L


def _signed(message: bytes, nonce_part: Point, key_part: Point) -> tuple[bytes, bytes, bytes]:
    base = _point(4 * pow(5, P - 2, P) % P, 0)
    secret, nonce = 123456789, 987654321
    key = _encoded(_add(_times(secret, base), key_part))
    r = _encoded(_add(_times(nonce, base), nonce_part))
    s = (nonce + _challenge(r, key, message) * secret) % L
    return key, message, r + s.to_bytes(32, "little")
