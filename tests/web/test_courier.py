"""The courier: takes our checkpoints to witnesses and lives with the answers; what the status page says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engine.errors import Unavailable
from engine.trust import checkpoint, policy, witness
from engine.trust.checkpoint import TYPE_ED25519, VerifierKey
from storage.cosigned import Alarm, Cosigned, CosignedFile, Seen
from tests.simulators.memory_journal import MemoryJournal, signed_journal
from tests.simulators.samples import LOG_KEY, ORIGIN, record
from tests.simulators.witnesses import MovableClock, Wire, Witness
from web.messages import read_catalogue
from web.routes.status import _witness_lines
from web.witness.courier import BEHIND, FORKED, Courier
from web.witness.peers import Reply

LOG = VerifierKey(ORIGIN, TYPE_ED25519, LOG_KEY.public_key)
SECONDS = 1_795_329_900  # the simulated clock's moment


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


# -- what the status page says --


def told(office: Office) -> list[tuple[str, str]]:
    """Tone and words of the witness lines."""
    catalogue = read_catalogue()

    def say(key: str, **facts: Any) -> str:
        return catalogue.say("zh-CN", key, **facts)

    services: Any = SimpleNamespace(courier=office.courier, desk=SimpleNamespace(clock=office.clock))
    return [(one.tone, one.answer) for one in _witness_lines(services, office.journal.durable_size, say)]


def test_the_status_page_nags_until_somebody_outside_has_seen_us(tmp_path: Path, w1: Witness) -> None:
    office = Office(tmp_path, journal_of(5), [w1])
    w1.is_away = True
    office.courier.round()
    (line,) = told(office)
    assert (line[0], line[1][:21]) == ("attention", "从未有外部见证：已配置 1 个见证人，还没")
    office.courier.peers = ()
    (line,) = told(office)
    assert (line[0], line[1][:9]) == ("attention", "没有外部见证人签过")


def test_the_status_page_says_when_and_nags_again_after_two_hours(tmp_path: Path, w1: Witness) -> None:
    office = Office(tmp_path, journal_of(5), [w1])
    office.courier.round()
    said = "最近一次外部见证：2026-11-22 14:45，w1.example/w，到第 5 条为止。"
    assert told(office) == [("positive", said)]
    grow(office.journal, 2)
    office.clock.move(hours=2, seconds=1)
    assert told(office) == [("attention", said + "此后 2 条还没有外部见证，检查与见证人的连接。")]


def test_the_status_page_shows_an_alarm_before_anything_else(tmp_path: Path, w1: Witness) -> None:
    office = Office(tmp_path, journal_of(5), [w1])
    office.courier.round()
    w1.lies = [Reply(409, b"99\n"), Reply(404, b"")]
    grow(office.journal, 1)
    office.courier.round()
    tones = [tone for tone, _ in told(office)]
    assert tones == ["negative", "positive"]
    words = "见证人 w1.example/w 记得到第 99 条为止的日志，本机只能证明到第 6 条，或内容不同"
    assert told(office)[0][1] == f"{words}（2026-11-22 14:45）。"
