"""The log's tree, its checkpoints, its witnesses, and identifiers and index values beside them."""

from __future__ import annotations

import hashlib
import time

import pytest

from engine.errors import Invalid
from engine.trust import blind, canonical, checkpoint, identifiers, keys, leaves, merkle, policy
from engine.trust.envelope import EVENT, Envelope, Signature
from engine.trust.log import Tree, tile_path
from tests.engine.trust.agency import DOC, LIN, LOG, ORIGIN, PLATFORM, Agency, key_of, secret, signed_by

HASHES = [hashlib.sha256(number.to_bytes(4, "big")).digest() for number in range(600)]


def test_every_proof_of_every_small_tree_holds_and_no_other() -> None:
    tree = Tree(HASHES[:40])
    for size in range(1, 41):
        top = tree.root(size)
        assert top == merkle.root_of(HASHES[:size])
        for index in range(size):
            proof = tree.inclusion_proof(index, size)
            assert proof == merkle.proof_of(HASHES[:size], index)
            assert merkle.verify_inclusion(HASHES[index], index, size, proof, top)
            assert not merkle.verify_inclusion(HASHES[index], index, size, [*proof, bytes(32)], top)
            assert not proof or not merkle.verify_inclusion(HASHES[index], index, size, proof[:-1], top)
            assert not merkle.verify_inclusion(HASHES[index], index + 1, size, proof, top)
        for older in range(size + 1):
            proof = tree.consistency_proof(older, size)
            assert merkle.verify_consistency(older, size, proof, tree.root(older), top)
            assert not merkle.verify_consistency(older, size, [*proof, bytes(32)], tree.root(older), top)
            if 0 < older < size:
                assert not merkle.verify_consistency(older, size, proof, top, tree.root(older))


def test_sizes_the_tree_never_had_are_refused() -> None:
    tree = Tree(HASHES[:3])
    for call in (
        lambda: tree.root(4),
        lambda: tree.inclusion_proof(3),
        lambda: tree.consistency_proof(3, 2),
        lambda: tree.append(b"short"),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
    assert Tree().root() == hashlib.sha256(b"").digest()


def test_appending_costs_the_same_late_as_early() -> None:
    def seconds(tree: Tree, count: int) -> float:
        start = time.perf_counter()
        for number in range(count):
            tree.append(HASHES[number % 600])
        return time.perf_counter() - start

    tree = Tree()
    early = min(seconds(tree, 2000) for _ in range(3))
    seconds(tree, 60_000)
    late = min(seconds(tree, 2000) for _ in range(3))
    assert late < early * 5
    start = time.perf_counter()
    tree.inclusion_proof(31_234)
    assert time.perf_counter() - start < 0.02


def test_tiles_hold_the_hashes_c2sp_says() -> None:
    tree = Tree(HASHES)
    assert tree.tile(0, 0) == b"".join(HASHES[:256])
    assert tree.tile(0, 2, 88) == b"".join(HASHES[512:600])
    assert tree.tile(1, 0, 2) == merkle.root_of(HASHES[:256]) + merkle.root_of(HASHES[256:512])
    for level, number, width in ((0, 2, 256), (1, 0, 3), (2, 0, 1), (0, 0, 0)):
        with pytest.raises(ValueError, match="no such tile"):
            tree.tile(level, number, width)
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path(1, 5, 17) == "tile/1/005.p/17"


NOTE = checkpoint.sign(checkpoint.encode_checkpoint(ORIGIN, 3, bytes(32)), ORIGIN, LOG)
VKEY = checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, LOG.public_key)


def test_a_checkpoint_reads_back_and_holds_under_its_key_only() -> None:
    read = checkpoint.open(NOTE)
    assert (read.origin, read.size, read.root) == (ORIGIN, 3, bytes(32))
    assert checkpoint.is_signed_by(read, VKEY)
    other = checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, PLATFORM.public_key)
    assert not checkpoint.is_signed_by(read, other)
    forged = checkpoint.open(NOTE.replace(f"{ORIGIN}\n3\n", f"{ORIGIN}\n4\n"))
    assert not checkpoint.is_signed_by(forged, VKEY)


@pytest.mark.parametrize(
    "note",
    [
        "",
        NOTE[:-1],
        NOTE.replace("\n3\n", "\n03\n"),
        NOTE.replace("\n3\n", "\n-3\n"),
        NOTE.replace("— ", "- "),
        NOTE.replace("\n\n", "\nextension\n\n"),
        NOTE.replace("=\n\n", "\n\n"),
        NOTE + "x\n",
        NOTE.replace("\n", "\r\n"),
        NOTE.replace(ORIGIN + "\n", "\n", 1),
    ],
)
def test_a_checkpoint_of_another_shape_is_refused(note: str) -> None:
    with pytest.raises(Invalid):
        checkpoint.open(note)


def test_a_vkey_whose_parts_do_not_belong_together_is_refused() -> None:
    text = VKEY.text()
    assert checkpoint.parse_vkey(text) == VKEY
    low = checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, bytes(32)).text()
    for bad in (text.replace(ORIGIN, "other.example"), text[:-4] + "AAA=", "x", low):
        with pytest.raises(Invalid):
            checkpoint.parse_vkey(bad)


WITNESSES = {name: key_of(f"witness {name}") for name in ("w1", "w2", "w3")}
POLICY = "".join(
    f"witness {name} {checkpoint.VerifierKey(name + '.example', 4, key.public_key).text()}\n"
    for name, key in WITNESSES.items()
)


def test_a_quorum_counts_each_witness_once() -> None:
    rules = policy.parse(f"# two of three\n{POLICY}group all-of-them 2 w1 w2 w3\nquorum all-of-them\n")
    line = checkpoint.cosign(NOTE, "w1.example", WITNESSES["w1"], 1679315147)
    more = checkpoint.cosign(NOTE, "w2.example", WITNESSES["w2"], 1679315148)
    impostor = checkpoint.cosign(NOTE, "w3.example", WITNESSES["w1"], 1679315149)

    def quorum(*lines: str) -> tuple[bool, list[int]]:
        seen = checkpoint.cosignatures(checkpoint.open(NOTE + "".join(lines)), rules.witnesses.values())
        return policy.is_satisfied(rules, [one.public_key for one in seen]), [one.time for one in seen]

    assert quorum(line, more) == (True, [1679315147, 1679315148])
    assert quorum(line, line) == (False, [1679315147])
    assert quorum(line, impostor) == (False, [1679315147])
    assert policy.is_satisfied(policy.parse("quorum none\n"), [])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "quorum w1\n",
        "quorum none\nquorum none\n",
        POLICY + POLICY + "quorum none\n",
        "log x\nquorum none\n",
        POLICY + "group g 4 w1 w2 w3\nquorum g\n",
        POLICY + "group g 1 w1 w1\nquorum g\n",
        "witness w\nquorum none\n",
        POLICY + "group g any w1\ngroup h any w1\nquorum h\n",
        POLICY + "group none any w1\nquorum none\n",
        "quorum none\x00\n",
    ],
)
def test_a_policy_that_breaks_the_rules_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        policy.parse(text)


def test_small_order_keys_are_refused_and_verify_nothing() -> None:
    assert len(keys.LOW_ORDER) == 14
    for point in keys.LOW_ORDER:
        assert not keys.is_acceptable(point)
        assert not keys.is_valid(point, b"message", point + bytes(32))
    assert keys.is_acceptable(LOG.public_key)
    assert not keys.is_acceptable(b"\x02" + bytes(31)) and not keys.is_acceptable(b"")
    assert LOG.secret.hex() not in repr(LOG)


def test_no_bad_input_of_any_kind_is_a_valid_signature() -> None:
    good = keys.sign(LOG, b"m")
    assert keys.is_valid(LOG.public_key, b"m", good)
    for key, signature in (
        (b"", good),
        (LOG.public_key, b""),
        (LOG.public_key, good + b"x"),
        (bytes(32), good),
        (LOG.public_key, good[:32] + b"\xff" * 32),
    ):
        assert not keys.is_valid(key, b"m", signature)


def test_identifiers_do_not_depend_on_order_or_encoding() -> None:
    agency = Agency()
    agency.publish_snapshot()
    envelope = agency.act(DOC, LIN, "submit", "draft", "submitted")
    turned = Envelope(EVENT, envelope.payload, envelope.signatures[::-1])
    assert identifiers.sig_digest(turned.signatures) == identifiers.sig_digest(envelope.signatures)
    assert leaves.leaf_of(turned, "2026-11-22T06:45:00Z") == leaves.leaf_of(envelope, "2026-11-22T06:45:00Z")
    leaf = leaves.leaf_of(envelope, "2026-11-22T06:45:00Z")
    assert canonical.encode(canonical.parse(leaf)) == leaf
    fewer = Envelope(EVENT, envelope.payload, envelope.signatures[:1])
    assert identifiers.event_id(fewer.pae()) == identifiers.event_id(envelope.pae())
    assert leaves.leaf_of(fewer, "2026-11-22T06:45:00Z") != leaves.leaf_of(envelope, "2026-11-22T06:45:00Z")


def test_a_leaf_is_never_a_node() -> None:
    left, right = HASHES[0], HASHES[1]
    assert identifiers.leaf_hash(left + right) != merkle.node_hash(left, right)


def test_an_envelope_has_one_spelling() -> None:
    envelope = signed_by([LOG], EVENT, b"{}")
    value = envelope.to_json()
    assert Envelope.from_json(value) == envelope
    one = value["signatures"][0]
    changed = [
        {**value, "payload": "e31="},
        {**value, "payload": "e30"},
        {**value, "payload": " e30="},
        {**value, "x": 1},
        {**value, "payloadType": "application/json"},
        {**value, "signatures": []},
        {**value, "payload": None},
        {**value, "signatures": [{**one, "keyid": "0" * 32}]},
        {**value, "signatures": [{**one, "sig": one["sig"] + "="}]},
        {**value, "signatures": [{**one, "suite": "l/1"}]},
        {"payload": "e30="},
    ]
    for bad in changed:
        with pytest.raises(Invalid):
            Envelope.from_json(bad)
    assert Signature(kid="x", public_key=b"", signature=b"").suite == "L1"


def test_a_document_id_has_one_spelling() -> None:
    name = identifiers.doc_id(secret("doc", 16))
    assert identifiers.is_doc_id(name) and len(name) == 26
    for bad in (name.upper(), name[:-1] + "b", name + "a", name[:-1], "", None, "1" * 26):
        assert not identifiers.is_doc_id(bad)


def test_index_values_find_spellings_of_one_name_and_tell_little() -> None:
    key = blind.index_key(
        secret("index"), agency="310199", form="info_entry", field="/a", index="exact", epoch=1
    )
    other = blind.index_key(
        secret("index"), agency="310199", form="info_entry", field="/a", index="exact", epoch=2
    )
    assert blind.normalize_for_index(" 31019919420315026x\u200b") == "31019919420315026X"
    assert blind.normalize_for_index("３１０ 199") == "310199"
    assert blind.normalize_phone_for_index("０21-5000 0000") == "02150000000"
    value = blind.blind(key, "张文兰", 12)
    assert len(value) == 3 and value == blind.blind(key, "张文兰", 12)
    assert len({blind.blind(key, str(number), 4) for number in range(500)}) == 16
    assert blind.blind(key, "张文兰", 64) != blind.blind(other, "张文兰", 64)
    assert blind.blind(key, "x", 1) in ("0", "1")
