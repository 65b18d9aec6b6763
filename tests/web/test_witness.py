"""A witness over HTTP, and whom an agency may name as one."""

from __future__ import annotations

import base64
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.errors import Broken, Invalid, Unavailable
from engine.trust import checkpoint, witness
from engine.trust.checkpoint import TYPE_ED25519, VerifierKey
from engine.trust.log import Tree
from engine.trust.merkle import leaf_hash
from storage.witness_memory import WitnessMemory, origin_id
from tests.simulators.samples import LOG_KEY, ORIGIN
from tests.simulators.witnesses import MovableClock, Witness
from web.witness.peers import Peer, read_peers

LOG = VerifierKey(ORIGIN, TYPE_ED25519, LOG_KEY.public_key)
TREE = Tree(leaf_hash(f"record {n}".encode()) for n in range(40))
OTHER = Tree(leaf_hash(f"record {n if n < 8 else -n}".encode()) for n in range(40))
TREE_ROOT, OTHER_ROOT = (base64.b64encode(one.root(20)).decode() for one in (TREE, OTHER))
SECONDS = 1_795_329_900  # the simulated clock's moment


def note_of(tree: Tree, size: int) -> str:
    return checkpoint.sign(checkpoint.encode_checkpoint(ORIGIN, size, tree.root(size)), ORIGIN, LOG_KEY)


def body_of(tree: Tree, old: int, size: int) -> bytes:
    return witness.encode_request(old, tree.consistency_proof(old, size), note_of(tree, size))


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture
def w1(tmp_path: Path, clock: MovableClock) -> Iterator[Witness]:
    made = Witness(tmp_path / "w1", "w1.example/w", LOG, clock)
    yield made
    made.close()


def test_a_witness_cosigns_what_grows_and_remembers_it_before_it_answers(w1: Witness) -> None:
    for old, size in ((0, 5), (5, 5), (5, 31)):
        answer = w1.client.post("/add-checkpoint", content=body_of(TREE, old, size))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        note = note_of(TREE, size) + answer.text
        held = checkpoint.cosignatures(checkpoint.open(note), [w1.peer.vkey])
        assert held == (checkpoint.Cosignature("w1.example/w", w1.peer.vkey.public_key, SECONDS),)
        assert w1.client.get(f"/checkpoints/{origin_id(ORIGIN)}").text == note
    w1.close()
    w1.open()
    assert w1.memory.remembered(ORIGIN) == witness.Head(31, TREE.root(31))


def test_a_witness_answers_each_fault_as_the_specification_says(w1: Witness) -> None:
    w1.client.post("/add-checkpoint", content=body_of(TREE, 0, 12))
    stranger = checkpoint.sign(checkpoint.encode_checkpoint("x.example", 3, bytes(32)), "x.example", LOG_KEY)
    unsigned = note_of(OTHER, 20).replace(OTHER_ROOT, TREE_ROOT)
    faults = {
        400: [b"", b"old 12\n\nnothing\n", body_of(TREE, 0, 5).replace(b"old 0", b"old 6"), b"x" * 100_000],
        404: [witness.encode_request(0, (), stranger)],
        403: [witness.encode_request(12, TREE.consistency_proof(12, 20), unsigned)],
        409: [body_of(TREE, 5, 20), body_of(TREE, 0, 7), witness.encode_request(12, (), note_of(OTHER, 12))],
        422: [witness.encode_request(12, (), note_of(TREE, 20)), body_of(OTHER, 12, 20)],
    }
    got = {
        status: [w1.client.post("/add-checkpoint", content=body).status_code for body in bodies]
        for status, bodies in faults.items()
    }
    assert got == {status: [status] * len(bodies) for status, bodies in faults.items()}
    conflict = w1.client.post("/add-checkpoint", content=body_of(TREE, 5, 20))
    assert (conflict.text, conflict.headers["content-type"]) == ("12\n", "text/x.tlog.size")
    assert w1.client.get("/add-checkpoint").status_code == 405
    assert w1.memory.remembered(ORIGIN).size == 12


def test_evidence_against_a_log_is_kept_once_with_both_signed_checkpoints(w1: Witness) -> None:
    w1.client.post("/add-checkpoint", content=body_of(TREE, 0, 12))
    for body in (body_of(TREE, 0, 7), witness.encode_request(12, (), note_of(OTHER, 12))) * 2:
        assert w1.client.post("/add-checkpoint", content=body).status_code == 409
    assert w1.client.post("/add-checkpoint", content=body_of(OTHER, 12, 20)).status_code == 422
    found = w1.client.get(f"/evidence/{origin_id(ORIGIN)}").json()
    assert [(one["kind"], one["presented"], one["old"]) for one in found] == [
        ("behind", note_of(TREE, 7), 0),
        ("fork", note_of(OTHER, 12), 12),
        ("unproven", note_of(OTHER, 20), 12),
    ]
    for one in found:
        remembered = checkpoint.open(one["remembered"])
        assert checkpoint.is_signed_by(remembered, LOG) and remembered.size == 12
        assert checkpoint.is_signed_by(checkpoint.open(one["presented"]), LOG)
    assert w1.client.get("/evidence/" + "0" * 64).status_code == 404


def test_of_many_who_ask_at_once_one_history_is_cosigned(w1: Witness) -> None:
    w1.client.post("/add-checkpoint", content=body_of(TREE, 0, 8))
    bodies = [body_of(tree, 8, size) for size in range(9, 20) for tree in (TREE, OTHER)]
    answers: dict[int, int] = {}

    def ask(number: int) -> None:
        answers[number] = w1.desk.add(bodies[number]).status_code

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(len(bodies))]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(answers.values()) == [200] + [409] * (len(bodies) - 1)


def test_a_checkpoint_the_disk_did_not_take_is_not_cosigned(
    w1: Witness, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "no space left on device")

    monkeypatch.setattr(w1.memory._disk, "write_all", full)
    assert w1.client.post("/add-checkpoint", content=body_of(TREE, 0, 5)).status_code == 500
    monkeypatch.undo()
    assert w1.memory.remembered(ORIGIN).size == 0


def test_the_key_of_a_witness_is_its_owners_alone_and_its_name_stays(w1: Witness) -> None:
    assert oct((w1.folder / "key.json").stat().st_mode & 0o777) == "0o600"
    vkey = w1.client.get("/").text
    assert checkpoint.parse_vkey(vkey.strip()) == w1.peer.vkey
    with pytest.raises(Unavailable, match=r"witness\.locked"):
        WitnessMemory(w1.folder)
    w1.close()
    with pytest.raises(Invalid, match=r"witness\.name"):
        WitnessMemory(w1.folder, "another.example")
    w1.open()
    assert w1.client.get("/").text == vkey


def test_a_witness_without_its_memory_does_not_go_on_under_its_name(tmp_path: Path) -> None:
    WitnessMemory(tmp_path / "w").close()
    os.rename(tmp_path / "w" / "logs", tmp_path / "lost")
    with pytest.raises(Unavailable, match=r"witness\.memory_missing"):
        WitnessMemory(tmp_path / "w")


def test_a_damaged_memory_is_no_empty_one(w1: Witness) -> None:
    w1.client.post("/add-checkpoint", content=body_of(TREE, 0, 12))
    place = w1.folder / "logs" / f"{origin_id(ORIGIN)}.note"
    place.write_text(place.read_text().replace("\n12\n", "\n11\n"))
    with pytest.raises(Broken, match=r"witness\.memory"):
        w1.memory.remembered(ORIGIN)
    assert w1.client.post("/add-checkpoint", content=body_of(TREE, 11, 12)).status_code == 500


# -- whom we ask --


def settings(url: str, vkey: str) -> Any:
    return json.loads(json.dumps([{"url": url, "vkey": vkey}]))


def test_only_configured_addresses_over_tls_or_on_this_machine_are_asked(w1: Witness) -> None:
    vkey = w1.peer.vkey.text()
    good = ("https://w1.example/w", "https://w1.example:8443", "http://127.0.0.1:8710/", "http://[::1]:1")
    assert [read_peers(settings(url, vkey)) for url in good] == [
        (Peer(url.rstrip("/"), w1.peer.vkey),) for url in good
    ]
    bad = ("http://w1.example/w", "ftp://127.0.0.1", "https://", "https://u:p@w1.example", "https://w1/?q")
    for url in bad:
        with pytest.raises(Invalid):
            read_peers(settings(url, vkey))
    other_key = settings(good[0], LOG.text())
    wrong: list[Any] = [{}, ["x"], [{"url": good[0]}], other_key, settings(good[0], "w1+00")]
    for one in wrong:
        with pytest.raises(Invalid):
            read_peers(one)
