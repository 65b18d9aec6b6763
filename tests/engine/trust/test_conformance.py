"""Third-party vectors: Wycheproof, RFC 6962 proofs, RFC 8785, examples of the specifications followed."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
import rfc8785
from nacl import bindings

from engine.errors import Invalid
from engine.trust import canonical, checkpoint, keys, merkle, tlogproof
from engine.trust.envelope import pae
from engine.trust.kdf import hkdf

VECTORS = Path(__file__).parents[4] / "shared" / "vectors"
needs_vectors = pytest.mark.skipif(
    not VECTORS.is_dir(), reason="third-party vectors are not beside the repository"
)


def wycheproof(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    data = json.loads((VECTORS / "wycheproof" / name).read_text())
    return [(group, case) for group in data["testGroups"] for case in group["tests"]]


@needs_vectors
def test_wycheproof_ed25519() -> None:
    cases = wycheproof("ed25519_test.json")
    wrong = [
        case["tcId"]
        for group, case in cases
        if keys.is_valid(
            bytes.fromhex(group["publicKey"]["pk"]), bytes.fromhex(case["msg"]), bytes.fromhex(case["sig"])
        )
        is not (case["result"] == "valid")
    ]
    assert (len(cases), wrong) == (151, [])


@needs_vectors
def test_wycheproof_xchacha20_poly1305() -> None:
    cases = wycheproof("xchacha20_poly1305_test.json")
    wrong = []
    for _, case in cases:
        key, nonce, aad, ct, tag, msg = (
            bytes.fromhex(case[name]) for name in ("key", "iv", "aad", "ct", "tag", "msg")
        )
        try:
            plain = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(ct + tag, aad, nonce, key)
            holds = plain == msg
        except Exception:
            holds = False
        if holds is not (case["result"] == "valid"):
            wrong.append(case["tcId"])
    assert (len(cases), wrong) == (315, [])


@needs_vectors
def test_wycheproof_x25519() -> None:
    cases = wycheproof("x25519_test.json")
    wrong = []
    for _, case in cases:
        try:
            shared = bindings.crypto_scalarmult(bytes.fromhex(case["private"]), bytes.fromhex(case["public"]))
        except RuntimeError:
            shared = bytes(32)  # libsodium refuses the all-zero secret; the vector states it
        if shared.hex() != case["shared"]:
            wrong.append(case["tcId"])
    assert (len(cases), wrong) == (518, [])


@needs_vectors
def test_wycheproof_hkdf() -> None:
    cases = wycheproof("hkdf_sha256_test.json")
    wrong = []
    for _, case in cases:
        salt = bytes.fromhex(case["salt"])
        try:
            okm = hkdf(bytes.fromhex(case["ikm"]), salt, bytes.fromhex(case["info"]), case["size"]).hex()
        except ValueError:
            okm = ""
        if okm != case["okm"]:  # the invalid ones ask for too long an output and name none
            wrong.append(case["tcId"])
    assert (len(cases), wrong) == (86, [])


def merkle_cases(kind: str) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in sorted((VECTORS / "merkle" / kind).rglob("*.json"))]


def decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


@needs_vectors
def test_merkle_inclusion_vectors() -> None:
    cases = merkle_cases("inclusion")
    wrong = [
        case["desc"]
        for case in cases
        if merkle.verify_inclusion(
            decoded(case["leafHash"]),
            case["leafIdx"],
            case["treeSize"],
            [decoded(one) for one in case["proof"] or []],
            decoded(case["root"]),
        )
        is case["wantErr"]
    ]
    assert (len(cases), wrong) == (98, [])


@needs_vectors
def test_merkle_consistency_vectors_and_the_size_0_rule() -> None:
    cases = merkle_cases("consistency")
    differing = [
        (case["size1"], case["size2"], case["wantErr"], len(case["proof"] or []))
        for case in cases
        if merkle.verify_consistency(
            case["size1"],
            case["size2"],
            [decoded(one) for one in case["proof"] or []],
            decoded(case["root1"]),
            decoded(case["root2"]),
        )
        is case["wantErr"]
    ]
    assert len(cases) == 98
    # The one case that differs gives nine bytes as both roots; ours must be hashes.
    assert differing == [(1, 1, False, 0)]
    # From the empty tree everything follows, with an empty proof and the root of nothing (C2SP witnesses).
    assert merkle.verify_consistency(0, 5, [], merkle.EMPTY_ROOT, bytes(32))
    assert merkle.verify_consistency(0, 0, [], merkle.EMPTY_ROOT, merkle.EMPTY_ROOT)
    assert not merkle.verify_consistency(0, 5, [], bytes(32), bytes(32))
    assert not merkle.verify_consistency(0, 5, [bytes(32)], merkle.EMPTY_ROOT, bytes(32))
    assert not merkle.verify_inclusion(bytes(32), 0, 0, [], merkle.EMPTY_ROOT)


@needs_vectors
@pytest.mark.parametrize("name", ["arrays", "french", "structures", "unicode", "values", "weird"])
def test_jcs_vectors_inside_our_profile_agree_and_outside_are_refused(name: str) -> None:
    source = (VECTORS / "jcs" / "input" / f"{name}.json").read_bytes()
    expected = bytes.fromhex("".join((VECTORS / "jcs" / "outhex" / f"{name}.txt").read_text().split()))
    stock = rfc8785.dumps(json.loads(source))
    assert stock == expected
    outside = {
        "arrays": "",
        "french": "json.key",
        "structures": "json.key",
        "unicode": "json.key",
        "values": "json.float",
        "weird": "json.key",
    }
    try:
        value = canonical.parse(source)
    except Invalid as fault:
        assert fault.problems[0].code == outside[name]
    else:
        assert outside[name] == ""
        assert canonical.encode(value) == expected


def test_the_dsse_protocol_example() -> None:
    assert pae("http://example.com/HelloWorld", b"hello world") == (
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    )


def test_the_c2sp_signed_note_example() -> None:
    vkey = checkpoint.parse_vkey("example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k")
    signature = base64.b64decode(
        "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM="
    )
    assert signature[:4] == vkey.key_id
    assert keys.is_valid(vkey.public_key, b"This is an example message.\n", signature[4:])


def test_the_c2sp_cosigned_checkpoint_example_reads() -> None:
    note = (
        "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
        "— example.com/behind-the-sofa "
        "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
        "— witness.example.com/w1 "
        "jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
    )
    read = checkpoint.open(note)
    assert (read.origin, read.size, [one.name for one in read.signatures]) == (
        "example.com/behind-the-sofa",
        20852163,
        ["example.com/behind-the-sofa", "witness.example.com/w1"],
    )
    assert int.from_bytes(read.signatures[1].data[:8], "big") == 1679315147


def test_a_tlog_proof_reads_back_as_it_was_written() -> None:
    note = checkpoint.sign(
        checkpoint.encode_checkpoint("a.example/log", 2, bytes(32)),
        "a.example/log",
        keys.signing_key(bytes(32)),
    )
    for extra in (b"", b"some extra"):
        text = tlogproof.encode(1, [bytes(32), b"\x01" * 32], note, extra)
        assert tlogproof.parse(text) == tlogproof.TlogProof(1, (bytes(32), b"\x01" * 32), note, extra)
    for bad in (
        text.replace("index 1", "index 01"),
        text.replace("@v1", "@v2"),
        text.replace("\n\n", "\n"),
        "",
    ):
        with pytest.raises(Invalid):
            tlogproof.parse(bad)
