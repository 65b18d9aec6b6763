"""Parts open only where, as what and with the key they were sealed; commitments hide and bind."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import bindings

from engine.errors import Broken, Invalid
from engine.trust import canonical, commitments, seal, wrap
from engine.trust.kdf import hkdf
from engine.trust.seal import AttachmentPlace, PartPlace
from tests.engine.trust.agency import AGENCY, ANSWERS, DOC, FORM_DIGEST, ORIGIN, secret

PLACE = PartPlace("L1", ORIGIN, AGENCY, DOC, 1, FORM_DIGEST)
DK, SALT, NONCE = secret("dk"), secret("salt"), secret("nonce", 24)
FIELDS = commitments.flatten(ANSWERS)
SEALED = seal.seal_part(DK, SALT, NONCE, PLACE, 0, "other", FIELDS)


def step_of(call: Callable[[], Any]) -> int:
    with pytest.raises(Broken) as caught:
        call()
    assert caught.value.code == "seal.broken"
    return int(caught.value.facts["step"])


def test_a_sealed_part_opens_to_what_was_sealed() -> None:
    opened = seal.open_part(DK, PLACE, SEALED.ref, SEALED.nonce, SEALED.ct)
    assert (opened.salt_key, opened.fields) == (SALT, FIELDS)
    assert commitments.unflatten(opened.fields) == ANSWERS


@pytest.mark.parametrize(
    "place",
    [
        replace(PLACE, doc="a" * 26),
        replace(PLACE, agency="310198"),
        replace(PLACE, origin="other.example/log"),
        replace(PLACE, seq=2),
        replace(PLACE, form_sha256="0" * 64),
        replace(PLACE, suite="CN1"),
    ],
)
def test_a_part_moved_to_another_place_does_not_open(place: PartPlace) -> None:
    assert step_of(lambda: seal.open_part(DK, place, SEALED.ref, SEALED.nonce, SEALED.ct)) == 2


def test_each_damage_is_found_at_its_step() -> None:
    ref, nonce, ct = SEALED.ref, SEALED.nonce, SEALED.ct
    damaged = bytes((ct[0] ^ 1,)) + ct[1:]
    redigested = replace(ref, ct=hashlib.sha256(nonce + damaged).hexdigest())
    assert step_of(lambda: seal.open_part(DK, PLACE, ref, nonce, damaged)) == 1
    assert step_of(lambda: seal.open_part(DK, PLACE, ref, nonce, ct[:-1])) == 1
    assert step_of(lambda: seal.open_part(secret("other"), PLACE, ref, nonce, ct)) == 2
    assert step_of(lambda: seal.open_part(DK, PLACE, redigested, nonce, damaged)) == 3


def test_a_part_whose_root_is_not_that_of_its_fields_does_not_open() -> None:
    header = seal.part_header(PLACE, 0, "other", "0" * 64, len(FIELDS))
    okm = hkdf(DK, NONCE, b"fengjian/part/v1\x00" + hashlib.sha256(header).digest(), 64)
    plain = canonical.dump({"fields": FIELDS, "salt_key": SALT.hex()})
    ct = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(seal.pad(plain), header, NONCE, okm[:32])
    ref = replace(
        SEALED.ref,
        root="0" * 64,
        kc=okm[32:].hex(),
        ct=hashlib.sha256(NONCE + ct).hexdigest(),
        length=24 + len(ct),
    )
    assert step_of(lambda: seal.open_part(DK, PLACE, ref, NONCE, ct)) == 5


def colliding_ciphertext(key1: bytes, key2: bytes, nonce: bytes, aad: bytes) -> bytes:
    """One ciphertext that XChaCha20-Poly1305 opens under two keys: the AEAD does not commit to its key.

    Poly1305 is a polynomial in r; a free block that makes both tags equal is one linear equation modulo
    2**130-5, and about every fourth last block gives a solution that fits 16 bytes.
    """
    modulus = 2**130 - 5

    def one_time(key: bytes) -> tuple[int, int]:
        subkey = hchacha20(key, nonce[:16])
        block = chacha20_block(subkey, 0, b"\x00" * 4 + nonce[16:])
        r = int.from_bytes(block[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
        return r, int.from_bytes(block[16:32], "little")

    (r1, s1), (r2, s2) = one_time(key1), one_time(key2)
    padded = aad + bytes(-len(aad) % 16)
    for attempt in range(4096):
        fixed = attempt.to_bytes(16, "big")
        lengths = len(aad).to_bytes(8, "little") + (32).to_bytes(8, "little")

        def tag(r: int, s: int, free: bytes, fixed: bytes = fixed, lengths: bytes = lengths) -> int:
            total = 0
            data = padded + free + fixed + lengths
            for at in range(0, len(data), 16):
                total = (total + int.from_bytes(data[at : at + 16] + b"\x01", "little")) * r % modulus
            return (total + s) % 2**128

        def raw(r: int, free: int, fixed: bytes = fixed, lengths: bytes = lengths) -> int:
            total = 0
            blocks = [
                int.from_bytes(padded[at : at + 16] + b"\x01", "little") for at in range(0, len(padded), 16)
            ]
            blocks += [
                free,
                int.from_bytes(fixed + b"\x01", "little"),
                int.from_bytes(lengths + b"\x01", "little"),
            ]
            for one in blocks:
                total = (total + one) * r % modulus
            return total

        base1, base2 = raw(r1, 0), raw(r2, 0)
        for carry in (0, 2**128, -(2**128)):
            # base1 + x r1^3 + s1 = base2 + x r2^3 + s2 (+ carry), solved for x
            slope = (pow(r1, 3, modulus) - pow(r2, 3, modulus)) % modulus
            x = (base2 + s2 - base1 - s1 + carry) * pow(slope, modulus - 2, modulus) % modulus
            if 2**128 <= x < 2**129:
                free = (x - 2**128).to_bytes(16, "little")
                if tag(r1, s1, free) == tag(r2, s2, free):
                    return free + fixed + tag(r1, s1, free).to_bytes(16, "little")
    raise AssertionError("no collision found")


def quarter(state: list[int], a: int, b: int, c: int, d: int) -> None:
    for left, right, into, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        state[left] = (state[left] + state[right]) & 0xFFFFFFFF
        mixed = state[into] ^ state[left]
        state[into] = (mixed << turn | mixed >> (32 - turn)) & 0xFFFFFFFF


def rounds(key: bytes, tail: bytes) -> tuple[list[int], list[int]]:
    words = b"expand 32-byte k" + key + tail
    start = [int.from_bytes(words[at : at + 4], "little") for at in range(0, 64, 4)]
    state = list(start)
    for _ in range(10):
        for column in ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)):
            quarter(state, *column)
        for diagonal in ((0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)):
            quarter(state, *diagonal)
    return start, state


def hchacha20(key: bytes, nonce: bytes) -> bytes:
    _, state = rounds(key, nonce)
    return b"".join(one.to_bytes(4, "little") for one in state[:4] + state[12:])


def chacha20_block(key: bytes, counter: int, nonce: bytes) -> bytes:
    start, state = rounds(key, counter.to_bytes(4, "little") + nonce)
    return b"".join(((a + b) & 0xFFFFFFFF).to_bytes(4, "little") for a, b in zip(start, state, strict=True))


def test_one_ciphertext_that_opens_under_two_keys_is_stopped_by_the_key_commitment() -> None:
    # The AEAD alone really is fooled ...
    header = seal.part_header(PLACE, 0, "other", "0" * 64, 1)
    digest = hashlib.sha256(header).digest()
    derived = [hkdf(dk, NONCE, b"fengjian/part/v1\x00" + digest, 64) for dk in (DK, secret("second dk"))]
    ct = colliding_ciphertext(derived[0][:32], derived[1][:32], NONCE, header)
    opened = [
        bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ct, header, NONCE, okm[:32]) for okm in derived
    ]
    assert len({bytes(one) for one in opened}) == 2
    # ... and the commitment in the statement lets only one of the two keys through to it.
    ref = replace(
        SEALED.ref,
        root="0" * 64,
        leaves=1,
        kc=derived[0][32:].hex(),
        ct=hashlib.sha256(NONCE + ct).hexdigest(),
        length=24 + len(ct),
    )
    assert step_of(lambda: seal.open_part(secret("second dk"), PLACE, ref, NONCE, ct)) == 2
    assert step_of(lambda: seal.open_part(DK, PLACE, ref, NONCE, ct)) == 4


def test_lengths_tell_only_the_step_of_256_bytes() -> None:
    lengths = {
        seal.seal_part(DK, SALT, NONCE, PLACE, 0, "other", [("/a", "x" * size)]).ref.length
        for size in range(100)
    }
    assert lengths == {24 + 256 + 16}


@given(st.binary(max_size=600))
def test_padding_comes_off_as_it_went_on(plain: bytes) -> None:
    padded = seal.pad(plain)
    assert len(padded) % 256 == 0 and len(padded) > len(plain) and seal.unpad(padded) == plain
    with pytest.raises(ValueError, match="padding"):
        seal.unpad(padded + bytes(1))


@pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 65_537, 200_000])
def test_a_file_comes_back_whole(size: int) -> None:
    place, data = AttachmentPlace("L1", AGENCY), secret("file", size)
    stream = seal.seal_attachment(DK, NONCE, place, [data[:100], data[100:]])
    stored = b"".join(stream)
    assert b"".join(seal.open_attachment(DK, place, stream.seal(), [stored[:7], stored[7:]])) == data
    commit = seal.attachment_commitment(DK, NONCE, place, hashlib.sha256(data).digest())
    assert commit == stream.seal().commit


def test_a_file_that_was_cut_extended_reordered_or_moved_does_not_open() -> None:
    place, data = AttachmentPlace("L1", AGENCY), secret("file", 200_000)
    stream = seal.seal_attachment(DK, NONCE, place, [data])
    stored, known, chunk = b"".join(stream), stream.seal(), 65_536 + 17
    swapped = (
        stored[:24] + stored[24 + chunk : 24 + 2 * chunk] + stored[24 : 24 + chunk] + stored[24 + 2 * chunk :]
    )

    def opened(data: bytes, **changes: Any) -> Callable[[], Any]:
        where = changes.pop("place", place)
        return lambda: list(seal.open_attachment(DK, where, replace(known, **changes), [data]))

    assert step_of(opened(stored[: 24 + 2 * chunk])) == 2  # the final tag is missing
    assert step_of(opened(stored + b"x")) == 2
    assert step_of(opened(swapped)) == 2
    assert step_of(opened(b"")) == 1
    assert step_of(opened(stored, place=AttachmentPlace("L1", "310198"))) == 1
    assert step_of(opened(stored, kc="0" * 64)) == 1
    assert step_of(opened(stored, ct="0" * 64)) == 3
    assert step_of(opened(stored, commit="0" * 64)) == 3


def test_answers_come_back_from_their_leaves() -> None:
    answers: dict[str, Any] = {"a": [], "b": {}, "c": [[1, None], {"d": False}], "e": "", "f": {"g": {}}}
    assert commitments.flatten(answers) == [
        ("/a", []),
        ("/b", {}),
        ("/c/0/0", 1),
        ("/c/0/1", None),
        ("/c/1/d", False),
        ("/e", ""),
        ("/f/g", {}),
    ]
    assert commitments.unflatten(commitments.flatten(answers)) == answers
    assert commitments.unflatten(commitments.flatten({})) == {}


def test_places_of_a_list_that_are_not_known_are_null() -> None:
    assert commitments.unflatten([("/c/2/name", "x")]) == {"c": [None, None, {"name": "x"}]}


def test_keys_of_digits_and_contradicting_paths_are_refused() -> None:
    with pytest.raises(Invalid):
        commitments.flatten({"a": {"0": 1}})
    for fields in (
        [("/a", 1), ("/a/b", 2)],
        [("/a/b", 2), ("/a", 1)],
        [("/a", 1), ("/a", 1)],
        [("/a/99999999", 1)],
    ):
        with pytest.raises(Invalid):
            commitments.unflatten(fields)


@settings(deadline=None)
@given(st.lists(st.from_regex(r"/[a-z]{1,5}", fullmatch=True), min_size=1, max_size=9, unique=True))
def test_a_disclosed_field_proves_alone_and_nothing_else_does(paths: list[str]) -> None:
    fields = [(path, f"value {path}") for path in sorted(paths)]
    top = commitments.root(SALT, fields)
    shown = commitments.disclose(SALT, fields, paths)
    assert [one.path for one in shown] == sorted(paths)
    for one in shown:
        assert commitments.is_disclosed(one, len(fields), top)
        assert not commitments.is_disclosed(replace(one, value="other"), len(fields), top)
        assert not commitments.is_disclosed(replace(one, path=one.path + "x"), len(fields), top)
        assert not commitments.is_disclosed(replace(one, salt=bytes(32)), len(fields), top)
        assert not commitments.is_disclosed(one, len(fields) + 1, top) or len(fields) > 1
        assert not commitments.is_disclosed(replace(one, index=len(fields)), len(fields), top)


def test_a_commitment_cannot_be_guessed_without_the_salt() -> None:
    guess = [("/insured/id_no", "31019919420315026X")]
    assert commitments.root(SALT, guess) != commitments.root(secret("other salt"), guess)


def test_a_wrap_opens_only_in_its_own_context_and_with_its_own_key() -> None:
    context = wrap.WrapContext(DOC, "health", "info_entry.health", 3)
    kek = secret("kek")
    one = wrap.wrap(kek, NONCE, DK, context)
    assert wrap.unwrap(kek, one) == DK
    assert wrap.Wrap.from_json(one.to_json()) == one
    moved = [
        replace(one, doc="a" * 26),
        replace(one, klass="identity"),
        replace(one, compartment="x"),
        replace(one, epoch=4),
        replace(one, ct=bytes(16) + one.ct[16:]),
        replace(one, ct=one.ct[:-1]),
        replace(one, nonce=bytes(24)),
        replace(one, nonce=b""),
    ]
    for other in moved:
        with pytest.raises(Broken):
            wrap.unwrap(kek, other)
    with pytest.raises(Broken):
        wrap.unwrap(secret("other kek"), one)


def test_the_recovery_key_opens_its_wrap_and_only_for_that_document() -> None:
    context = wrap.WrapContext(DOC, "health", "recovery", 0)
    public, private = bindings.crypto_box_seed_keypair(secret("recovery"))
    one = wrap.wrap_for_recovery(public, secret("ephemeral"), DK, context)
    assert len(one.ct) == 16 + 112
    assert wrap.unwrap_by_recovery(public, private, one) == DK
    with pytest.raises(Broken):
        wrap.unwrap_by_recovery(public, private, replace(one, doc="a" * 26))
    with pytest.raises(Broken):
        wrap.unwrap_by_recovery(public, secret("other"), one)


def test_a_set_of_wraps_has_one_digest_in_any_order() -> None:
    context = wrap.WrapContext(DOC, "health", "c", 1)
    both = [wrap.wrap(secret("kek"), NONCE, DK, context), wrap.wrap(secret("kek 2"), NONCE, DK, context)]
    assert wrap.wrap_set_digest(both) == wrap.wrap_set_digest(both[::-1]) != wrap.wrap_set_digest(both[:1])
