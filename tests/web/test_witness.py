"""A witness over HTTP, and the courier that takes our checkpoints there and lives with the answers."""

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
from engine.trust import checkpoint, policy, witness
from engine.trust.checkpoint import TYPE_ED25519, VerifierKey
from engine.trust.log import Tree
from engine.trust.merkle import leaf_hash
from storage.cosigned import Alarm, Cosigned, CosignedFile, Seen
from storage.witness_memory import WitnessMemory, origin_id
from tests.simulators.memory_journal import MemoryJournal, signed_journal
from tests.simulators.samples import LOG_KEY, ORIGIN, record
from tests.simulators.witnesses import MovableClock, Wire, Witness
from web.witness.courier import BEHIND, FORKED, Courier
from web.witness.peers import Peer, Reply, read_peers

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


@pytest.fixture
def w2(tmp_path: Path, clock: MovableClock) -> Iterator[Witness]:
    made = Witness(tmp_path / "w2", "w2.example/w", LOG, clock)
    yield made
    made.close()


# -- the server --


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


# -- the courier --


def journal_of(count: int, first: int = 0) -> MemoryJournal:
    """A journal of so many records; another `first` makes another history."""
    made = signed_journal(ORIGIN, LOG_KEY)
    grow(made, count, first)
    return made


def grow(journal: MemoryJournal, count: int, first: int = 0) -> None:
    for _ in range(count):
        with journal.sequencing():
            index = journal.next_index
            journal.append(record(index, index + first), lambda committed: committed).result(10)


class Office:
    """A courier with its journal, its file and the wire."""

    def __init__(
        self, folder: Path, journal: MemoryJournal, witnesses: list[Witness], quorum: str = "none"
    ) -> None:
        self.journal, self.wire, self.clock = journal, Wire(witnesses), witnesses[0]._clock
        lines = [f"witness {one.peer.vkey.name} {one.peer.vkey.text()}" for one in witnesses]
        if quorum != "none":
            lines.append(f"group all-of-us {quorum} {' '.join(one.peer.vkey.name for one in witnesses)}")
        lines.append(f"quorum {'none' if quorum == 'none' else 'all-of-us'}")
        rules = policy.parse("\n".join(lines) + "\n")
        self.file = CosignedFile(folder / "witness.json")
        self.courier = Courier(
            [one.peer for one in witnesses], journal, LOG, lambda: rules, self.file, self.clock, self.wire.ask
        )


def test_the_newest_checkpoint_is_taken_round_and_comes_back_cosigned(
    tmp_path: Path, w1: Witness, w2: Witness
) -> None:
    office = Office(tmp_path, journal_of(5), [w1, w2])
    office.courier.round()
    grow(office.journal, 8)
    office.courier.round()
    note = office.file.newest()
    read = checkpoint.open(note)
    names = [one.name for one in checkpoint.cosignatures(read, [w1.peer.vkey, w2.peer.vkey])]
    assert (read.size, names, len(read.signatures)) == (13, ["w1.example/w", "w2.example/w"], 3)
    seen = {one.peer.vkey.text(): Seen(13, SECONDS) for one in (w1, w2)}
    assert office.courier.standing == Cosigned(note, seen, None)
    assert CosignedFile(tmp_path / "witness.json").now == office.courier.standing
    assert office.journal.read_only is None


def test_nobody_is_asked_again_before_there_is_news_or_an_hour_has_passed(
    tmp_path: Path, w1: Witness
) -> None:
    office = Office(tmp_path, journal_of(5), [w1])
    for _ in range(3):
        office.courier.round()
    office.clock.move(minutes=61)
    office.courier.round()
    office.courier.round()
    assert office.wire.asked == [("w1.example/w", "add-checkpoint")] * 2
    assert office.courier.standing.seen[w1.peer.vkey.text()] == Seen(5, SECONDS + 3660)
    assert len(checkpoint.open(office.file.newest()).signatures) == 2


def test_an_empty_log_is_taken_to_nobody(tmp_path: Path, w1: Witness) -> None:
    office = Office(tmp_path, journal_of(0), [w1])
    office.courier.greet()
    assert (office.wire.asked, office.courier.standing) == ([], Cosigned())


def test_a_witness_that_knows_us_from_before_is_given_the_proof_it_needs(tmp_path: Path, w1: Witness) -> None:
    office = Office(tmp_path / "a", journal_of(5), [w1])
    (tmp_path / "a").mkdir()
    office.courier.round()
    (tmp_path / "a" / "witness.json").unlink()
    grow(office.journal, 4)
    forgetful = Office(tmp_path / "a", office.journal, [w1])
    forgetful.courier.round()
    assert forgetful.wire.asked == [("w1.example/w", "add-checkpoint")] * 2
    assert (w1.memory.remembered(ORIGIN).size, forgetful.journal.read_only) == (9, None)


def test_a_witness_that_is_away_keeps_nothing_from_being_taken(
    tmp_path: Path, w1: Witness, w2: Witness
) -> None:
    office = Office(tmp_path, journal_of(5), [w1, w2])
    w1.is_away = True
    office.courier.greet()
    standing = office.courier.standing
    assert (list(standing.seen), office.journal.read_only) == ([w2.peer.vkey.text()], None)
    w1.is_away = False
    office.courier.round()
    assert len(checkpoint.open(office.file.newest()).signatures) == 3


@pytest.mark.parametrize(
    "lie",
    [
        Reply(200, b""),
        Reply(200, "— w1.example/w AAAAAAAA\n".encode()),
        Reply(200, b"\xff"),
        Reply(409, b"many\n"),
        Reply(409, b"3\n"),
        Reply(404, b""),
        Reply(500, b""),
        Reply(302, b""),
    ],
)
def test_an_answer_that_means_nothing_changes_nothing(tmp_path: Path, w1: Witness, lie: Reply) -> None:
    office = Office(tmp_path, journal_of(5), [w1])
    w1.lies = [lie, lie]
    office.courier.round()
    assert (office.courier.standing, office.journal.read_only) == (Cosigned(), None)


def test_another_witnesses_line_does_not_count(tmp_path: Path, w1: Witness, w2: Witness) -> None:
    office = Office(tmp_path, journal_of(5), [w1])
    _, _, note = office.journal.checkpoint()
    theirs = w2.desk.add(witness.encode_request(0, (), note))
    w1.lies = [Reply(theirs.status_code, bytes(theirs.body))]
    office.courier.round()
    assert office.courier.standing == Cosigned()


def test_a_note_is_replaced_only_when_the_quorum_is_there(tmp_path: Path, w1: Witness, w2: Witness) -> None:
    office = Office(tmp_path, journal_of(5), [w1, w2], quorum="all")
    office.courier.round()
    first = office.file.newest()
    grow(office.journal, 3)
    w2.is_away = True
    office.courier.round()
    assert (office.file.newest(), office.courier.standing.seen[w1.peer.vkey.text()].size) == (first, 8)
    grow(office.journal, 1)
    w2.is_away = False
    office.courier.round()
    assert checkpoint.open(office.file.newest()).size == 9


def test_a_log_put_back_to_an_older_state_stops_and_the_witness_has_the_evidence(
    tmp_path: Path, w1: Witness
) -> None:
    before = Office(tmp_path / "a", journal_of(9), [w1])
    (tmp_path / "a").mkdir()
    before.courier.round()
    restored = Office(tmp_path / "b", journal_of(6), [w1])
    (tmp_path / "b").mkdir()
    restored.courier.greet()
    assert restored.journal.read_only == BEHIND
    with pytest.raises(Unavailable):
        grow(restored.journal, 1)
    alarm = restored.courier.standing.alarm
    assert alarm is not None and checkpoint.open(alarm.note).size == 9
    assert (alarm.code, alarm.witness, alarm.size, alarm.own) == (BEHIND, w1.peer.vkey.text(), 9, 6)
    assert [one["kind"] for one in w1.memory.evidence(ORIGIN)] == ["behind"]
    asked = len(restored.wire.asked)
    restored.courier.round()
    assert len(restored.wire.asked) == asked, "what is known is not asked every ten seconds"


def test_a_log_that_went_another_way_stops_also_when_it_is_longer(tmp_path: Path, w1: Witness) -> None:
    Office(tmp_path, journal_of(9), [w1]).courier.round()
    (tmp_path / "witness.json").unlink()
    for count, kinds in ((9, ["fork"]), (14, ["fork", "unproven"])):
        other = Office(tmp_path, journal_of(count, first=100), [w1])
        other.courier.round()
        assert other.journal.read_only == FORKED
        assert [one["kind"] for one in w1.memory.evidence(ORIGIN)] == kinds
        (tmp_path / "witness.json").unlink()


def test_what_we_kept_ourselves_is_enough_to_see_that_the_journal_is_older(
    tmp_path: Path, w1: Witness
) -> None:
    Office(tmp_path, journal_of(9), [w1]).courier.round()
    w1.is_away = True
    restored = Office(tmp_path, journal_of(6), [w1])
    restored.courier.greet()
    assert (restored.journal.read_only, restored.wire.asked) == (BEHIND, [])


def test_a_folder_put_back_with_what_was_kept_in_it_is_noticed_at_the_start(
    tmp_path: Path, w1: Witness
) -> None:
    office = Office(tmp_path, journal_of(6), [w1])
    office.courier.round()
    yesterday = (tmp_path / "witness.json").read_bytes()
    grow(office.journal, 3)
    office.courier.round()
    (tmp_path / "witness.json").write_bytes(yesterday)
    restored = Office(tmp_path, journal_of(6), [w1])
    restored.courier.greet()
    assert restored.journal.read_only == BEHIND


def test_an_alarm_stands_over_a_restart_until_its_witness_lifts_it(tmp_path: Path, w1: Witness) -> None:
    Office(tmp_path, journal_of(9), [w1]).courier.round()
    (tmp_path / "witness.json").unlink()
    Office(tmp_path, journal_of(6), [w1]).courier.round()
    w1.is_away = True
    again = Office(tmp_path, journal_of(6), [w1])
    again.courier.greet()
    assert again.journal.read_only == BEHIND
    w1.is_away = False
    repaired = Office(tmp_path, journal_of(9), [w1])
    repaired.courier.greet()
    assert (repaired.journal.read_only, repaired.courier.standing.alarm) == (None, None)


def test_an_alarm_goes_with_the_witness_that_the_agency_no_longer_asks(
    tmp_path: Path, w1: Witness, w2: Witness
) -> None:
    file = CosignedFile(tmp_path / "witness.json")
    file.keep(Cosigned("", {}, Alarm(BEHIND, w1.peer.vkey.text(), 99, 5, "2026-11-22T06:45:00Z")))
    office = Office(tmp_path, journal_of(5), [w2])
    office.courier.greet()
    assert (office.journal.read_only, office.courier.standing.alarm) == (None, None)


def test_one_witness_does_not_lift_the_alarm_of_another(tmp_path: Path, w1: Witness, w2: Witness) -> None:
    office = Office(tmp_path, journal_of(5), [w1, w2])
    w1.lies = [Reply(409, b"99\n"), Reply(404, b"")]
    office.courier.round()
    alarm = office.courier.standing.alarm
    assert alarm is not None and (alarm.witness, alarm.note) == (w1.peer.vkey.text(), "")
    assert (list(office.courier.standing.seen), office.journal.read_only) == ([w2.peer.vkey.text()], BEHIND)


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
