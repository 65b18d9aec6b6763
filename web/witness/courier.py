"""The courier: takes our newest checkpoint to the witnesses and brings their cosignatures home.

Decides when a witness is to be asked and what its answer means for us. A witness that remembers more than we
have, or another history, ends writing in this process and leaves an alarm for the next start: either we were
put back to an older state, or somebody else signs with our log's key. Never changes the journal otherwise.

One round:
 1  Without a network: what we kept ourselves must not be ahead of our own log.
 2  Ask every witness about the newest durable checkpoint, when it is news to one of them, or an hour old, or
    when one has not answered since the start: what is kept here may be as old as the rest of the folder.
 3  A cosignature that holds is kept; with enough of them (the trust root's quorum) the note replaces the one
    that was kept.
 4  A larger size, another root, or a refused proof is the alarm.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import structlog

from engine.errors import Invalid
from engine.identity import utc_text
from engine.ports import Clock, Journal
from engine.trust import checkpoint, policy, witness
from engine.trust.checkpoint import VerifierKey
from engine.trust.policy import WitnessPolicy
from storage.cosigned import Alarm, Cosigned, CosignedFile, Seen
from storage.witness_memory import origin_id
from web.witness.peers import Peer, Reply, ask

AGAIN_SECONDS = 3600
BEHIND, FORKED = "journal.behind_witness", "journal.forked_from_witness"
log = structlog.get_logger("courier")

Ask = Callable[[Peer, str, bytes | None], Reply]


@dataclass(frozen=True, slots=True)
class _Refusal:
    """A witness's answer that stands against us, or a fault on the way (`code` "")."""

    code: str = ""
    size: int = 0


class Courier:
    """One round at a time, by a background thread; `standing` may be read by anybody."""

    def __init__(
        self,
        peers: Sequence[Peer],
        journal: Journal,
        log_key: VerifierKey,
        rules: Callable[[], WitnessPolicy],
        file: CosignedFile,
        clock: Clock,
        ask: Ask = ask,
    ) -> None:
        """`rules` gives the witness policy of the newest trust root."""
        self.peers = tuple(peers)
        self._journal, self._log_key, self._rules = journal, log_key, rules
        self._file, self._clock, self._ask = file, clock, ask
        self._turn = threading.Lock()
        self._has_answered: set[VerifierKey] = set()

    @property
    def standing(self) -> Cosigned:
        """What the witnesses have told us so far."""
        return self._file.now

    def greet(self) -> None:
        """The round before the first request. An alarm of an earlier run stands until its witness lifts it.

        A witness that cannot be reached keeps nothing from being taken, unless the alarm is its own.
        """
        known = {peer.vkey.text() for peer in self.peers}
        alarm = self._file.now.alarm
        if alarm is not None and alarm.witness not in known:
            log.critical("alarm_dropped_with_its_witness", witness=alarm.witness, code=alarm.code)
            self._file.keep(replace(self._file.now, alarm=None))
        self.round()
        alarm = self._file.now.alarm
        if alarm is not None:
            self._journal.stop(alarm.code)

    def round(self) -> None:
        """One round, as above. Raises `OSError` when the disk does not keep what was learnt."""
        with self._turn:
            if self._file.now.alarm is not None and self._journal.read_only is not None:
                return  # said and done; the next start asks again
            size, _, note = self._journal.checkpoint()
            # 1
            kept = checkpoint.open(self._file.now.note) if self._file.now.note else None
            if kept is not None and kept.size > size and checkpoint.is_signed_by(kept, self._log_key):
                self._raise_alarm("", BEHIND, kept.size, size, self._file.now.note)
                return
            # 2
            if note and any(self._is_due(peer, size) for peer in self.peers):
                self._ask_all(size, note)

    def _is_due(self, peer: Peer, size: int) -> bool:
        seen = self._file.now.seen.get(peer.vkey.text())
        if seen is None or seen.size != size or peer.vkey not in self._has_answered:
            return True
        return self._clock.now().timestamp() - seen.time >= AGAIN_SECONDS

    def _ask_all(self, size: int, note: str) -> None:
        text = checkpoint.open(note).text
        held = self._file.now.note
        lines = held[len(text) + 1 :] if held.startswith(text + "\n") else note[len(text) + 1 :]
        answered: list[VerifierKey] = []
        for peer in self.peers:
            found = self._ask_one(peer, size, note)
            if isinstance(found, str):
                lines += found
                answered.append(peer.vkey)
                self._has_answered.add(peer.vkey)
            elif found.code:
                # 4
                self._raise_alarm(
                    peer.vkey.text(), found.code, found.size, size, self._shown_by(peer, found.size)
                )
        # 3
        merged = witness.carry(f"{text}\n{lines}", self._log_key, [peer.vkey for peer in self.peers])
        now = self._file.now
        read = checkpoint.open(merged)
        for vkey in answered:
            for one in checkpoint.cosignatures(read, [vkey]):
                now = now.with_seen(vkey.text(), Seen(size, one.time))
        present = [one.public_key for one in checkpoint.cosignatures(read, [one.vkey for one in self.peers])]
        if present and policy.is_satisfied(self._rules(), present):
            now = replace(now, note=merged)
        self._file.keep(now)

    def _ask_one(self, peer: Peer, size: int, note: str) -> str | _Refusal:
        seen = self._file.now.seen.get(peer.vkey.text())
        old = seen.size if seen is not None and seen.size <= size else 0
        try:
            for _ in range(2):
                body = witness.encode_request(old, self._journal.consistency(old, size), note)
                reply = self._ask(peer, "/add-checkpoint", body)
                if reply.status == 409:
                    theirs = witness.parse_size(reply.body)
                    if theirs is None:
                        return self._not_cosigned(peer, "answer")
                    if theirs > size:
                        return _Refusal(BEHIND, theirs)
                    if theirs == old == size:
                        return _Refusal(FORKED, theirs)
                    old = theirs
                    continue
                if reply.status == 422:
                    return _Refusal(FORKED, old)
                if reply.status != 200:
                    return self._not_cosigned(peer, f"status {reply.status}")
                return self._held(peer, note, reply.body)
        except OSError as fault:
            return self._not_cosigned(peer, type(fault).__name__)
        return self._not_cosigned(peer, "conflict")

    def _held(self, peer: Peer, note: str, body: bytes) -> str | _Refusal:
        try:
            lines = witness.lines_of(body)
            held = checkpoint.cosignatures(checkpoint.open(note + lines), [peer.vkey])
        except Invalid:
            held, lines = (), ""
        return lines if held else self._not_cosigned(peer, "signature")

    def _not_cosigned(self, peer: Peer, why: str) -> _Refusal:
        log.warning("not_cosigned", witness=peer.vkey.name, why=why)
        return _Refusal()

    def _shown_by(self, peer: Peer, size: int) -> str:
        """The checkpoint the witness shows, when our own log key has signed it; "" otherwise."""
        try:
            reply = self._ask(peer, f"/checkpoints/{origin_id(self._log_key.name)}", None)
            note = reply.body.decode("utf-8")
            read = checkpoint.open(note)
        except (OSError, UnicodeDecodeError, Invalid):
            return ""
        return note if read.size >= size and checkpoint.is_signed_by(read, self._log_key) else ""

    def _raise_alarm(self, vkey: str, code: str, theirs: int, own: int, note: str) -> None:
        log.critical("alarm", code=code, witness=vkey, seen=theirs, own=own, is_proved=bool(note))
        self._journal.stop(code)
        alarm = Alarm(code, vkey, theirs, own, utc_text(self._clock.now()), note)
        self._file.keep(replace(self._file.now, alarm=alarm))
