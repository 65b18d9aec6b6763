"""What a witness answers, in the order of the specification, and which lines a note may carry on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import Invalid
from engine.trust import checkpoint, witness
from engine.trust.log import Tree
from engine.trust.merkle import leaf_hash
from engine.trust.witness import BEHIND, FORK, NOTHING_SEEN, UNPROVEN, Head, Judgement, Request
from tests.engine.trust.agency import key_of

ORIGIN = "agency.example/log1"
LOG = key_of("log of the agency")
LOG_KEY = checkpoint.VerifierKey(ORIGIN, checkpoint.TYPE_ED25519, LOG.public_key)
W1, W2 = key_of("w1"), key_of("w2")
W1_KEY = checkpoint.VerifierKey("w1.example", checkpoint.TYPE_COSIGNATURE, W1.public_key)
W2_KEY = checkpoint.VerifierKey("w2.example", checkpoint.TYPE_COSIGNATURE, W2.public_key)
LOGS = {ORIGIN: (LOG_KEY,)}

TREE = Tree(leaf_hash(f"record {n}".encode()) for n in range(20))
OTHER = Tree(leaf_hash(f"record {n if n < 8 else -n}".encode()) for n in range(20))


def note_of(tree: Tree, size: int, origin: str = ORIGIN) -> str:
    return checkpoint.sign(checkpoint.encode_checkpoint(origin, size, tree.root(size)), origin, LOG)


def head_of(tree: Tree, size: int) -> Head:
    return Head(size, tree.root(size))


def request_of(tree: Tree, old: int, size: int) -> Request:
    return Request(old, tuple(tree.consistency_proof(old, size)), note_of(tree, size))


def answer(request: Request, last: Head = NOTHING_SEEN) -> tuple[int, str]:
    found = witness.judge(request, LOGS, lambda _: last)
    return found.status, found.evidence


def test_a_request_is_read_back_as_it_was_written() -> None:
    one = request_of(TREE, 7, 20)
    body = witness.encode_request(one.old, one.proof, one.note)
    assert body.startswith(b"old 7\n") and len(one.proof) == 6
    assert witness.parse_request(body) == one
    assert witness.parse_request(witness.encode_request(0, (), note_of(TREE, 3))).proof == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"old 7\n",
        b"old 07\n\nx",
        b"old -1\n\nx",
        b"old  7\n\nx",
        b"new 7\n\nx",
        b"old 7\nAAAA\n\nx",
        b"old 7\nnot base64\n\nx",
        b"old 7\n" + (b"A" * 43 + b"=\n") * 64 + b"\nx",
        b"old 7\r\n\r\nx",
        b"old 7\n\n\xff",
        b"old 7\n\n" + b"x" * witness.MAX_REQUEST_BYTES,
    ],
)
def test_a_body_that_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        witness.parse_request(body)


def test_the_first_checkpoint_of_a_log_needs_no_proof() -> None:
    for size in (0, 1, 13):
        assert answer(request_of(TREE, 0, size)) == (200, "")


def test_every_growth_is_accepted_with_its_proof() -> None:
    sizes = [(old, new) for old in range(20) for new in range(old, 21)]
    got = [answer(request_of(TREE, old, new), head_of(TREE, old)) for old, new in sizes]
    assert got == [(200, "")] * len(sizes)


def test_an_unreadable_checkpoint_is_400() -> None:
    assert answer(Request(0, (), "agency.example/log1\n3\n")) == (400, "")


def test_an_unknown_log_is_404() -> None:
    stranger = replace(request_of(TREE, 0, 3), note=note_of(TREE, 3, "stranger.example"))
    assert answer(stranger) == (404, "")


def test_a_signature_of_another_key_is_403_and_no_evidence() -> None:
    text = checkpoint.encode_checkpoint(ORIGIN, 5, OTHER.root(5))
    assert answer(Request(0, (), checkpoint.sign(text, ORIGIN, W1))) == (403, "")
    assert answer(Request(9, (), checkpoint.sign(text, ORIGIN, W1)), head_of(TREE, 9)) == (403, "")


def test_an_old_size_beyond_the_checkpoint_is_400() -> None:
    assert answer(Request(6, (), note_of(TREE, 5)), head_of(TREE, 6)) == (400, "")


def test_another_old_size_is_409_with_the_size_that_is_remembered() -> None:
    found = witness.judge(request_of(TREE, 4, 12), LOGS, lambda _: head_of(TREE, 9))
    read = checkpoint.open(note_of(TREE, 12))
    assert found == Judgement(409, head_of(TREE, 9), read, "")
    assert witness.parse_size(witness.encode_size(found.last.size)) == 9


def test_a_smaller_tree_than_before_is_409_and_kept_as_evidence() -> None:
    assert answer(request_of(TREE, 4, 7), head_of(TREE, 9)) == (409, BEHIND)
    assert answer(request_of(TREE, 0, 7), head_of(TREE, 9)) == (409, BEHIND)


def test_two_roots_at_one_size_are_409_and_proof_of_a_fork() -> None:
    assert answer(Request(12, (), note_of(OTHER, 12)), head_of(TREE, 12)) == (409, FORK)
    assert answer(Request(0, (), note_of(OTHER, 12)), head_of(TREE, 12)) == (409, FORK)


def test_another_history_is_422_and_kept_as_evidence() -> None:
    assert answer(request_of(OTHER, 12, 20), head_of(TREE, 12)) == (422, UNPROVEN)
    spoilt = replace(request_of(TREE, 12, 20), proof=())
    assert answer(spoilt, head_of(TREE, 12)) == (422, UNPROVEN)


def test_a_proof_between_equal_trees_must_be_empty() -> None:
    assert answer(Request(12, (bytes(32),), note_of(TREE, 12)), head_of(TREE, 12)) == (422, "")


def test_a_root_of_nothing_must_be_the_root_of_nothing() -> None:
    text = checkpoint.encode_checkpoint(ORIGIN, 0, bytes(32))
    assert answer(Request(0, (), checkpoint.sign(text, ORIGIN, LOG))) == (409, FORK)


@pytest.mark.parametrize("body", [b"", b"12", b"012\n", b"-1\n", b"12\n\n", b"x\n"])
def test_a_size_is_one_number_and_a_newline(body: bytes) -> None:
    assert witness.parse_size(body) is None


@pytest.mark.parametrize("body", [b"", b"x\n", "— w AA==".encode(), "— w AA==\n\n".encode(), b"\xff\n"])
def test_an_answer_that_is_no_signature_line_is_refused(body: bytes) -> None:
    with pytest.raises(Invalid):
        witness.lines_of(body)


def test_a_carried_note_has_the_logs_line_and_the_newest_of_each_named_witness() -> None:
    note = note_of(TREE, 9)
    early = checkpoint.cosign(note, "w1.example", W1, 1_795_330_000)
    late = checkpoint.cosign(note, "w1.example", W1, 1_795_330_600)
    other = checkpoint.cosign(note, "w2.example", W2, 1_795_330_300)
    broken = checkpoint.cosign(note_of(TREE, 8), "w2.example", W2, 1_795_330_900)
    everything = note + late + early + broken + other
    assert witness.carry(everything, LOG_KEY, [W1_KEY]) == note + late
    assert witness.carry(everything, LOG_KEY, [W1_KEY, W2_KEY]) == note + late + other
    assert witness.carry(everything, LOG_KEY, []) == note
    with pytest.raises(Invalid):
        witness.carry(everything, replace(LOG_KEY, public_key=W1.public_key), [W1_KEY])
