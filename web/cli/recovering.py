"""`fengjian recover`: custodians enter their shares, a backup becomes an agency again.

Decides how the shares are asked for: hidden, one after the other, until they are enough. Prints the new
shares once.
"""

from __future__ import annotations

import sys
from pathlib import Path

from engine.errors import Invalid
from storage.unsealing import gather
from web.cli.ceremony import ask_sealing, print_shares, read_answers, sealing_of
from web.cli.speaking import print_json, refusals, say, stop
from web.cli.unsealing import ask_secret
from web.recovery import Recovered, RecoveryPlan, recover_agency, shares_in


def run_recover(backup: Path, data: Path, answers: Path | None, as_json: bool) -> None:
    """Recover a backup into a new folder."""
    with refusals():
        try:
            plan = _read(answers) if answers is not None else _ask()
            done = recover_agency(backup, data, plan)
        except Invalid as refused:
            if refused.code == "shares":
                raise
            stop(say("cli.refused.init", where=" ".join(one.pointer for one in refused.problems)))
    if as_json:
        print_json(
            {
                "records": done.size,
                "epochs": done.epochs,
                "recovery_shares": done.recovery_shares,
                "seal_shares": done.seal_shares,
            }
        )
    else:
        _show(data, plan, done)


def _read(answers: Path) -> RecoveryPlan:
    said = read_answers(answers)
    try:
        recovery = said.get("recovery", {})
        return RecoveryPlan(
            shares_in(said["shares"]),
            sealing_of(said["seal"]),
            int(recovery.get("threshold", 2)),
            int(recovery.get("shares", 3)),
        )
    except (KeyError, TypeError, ValueError):
        raise Invalid("init") from None


def _ask() -> RecoveryPlan:
    held: tuple[str, ...] = ()
    is_enough = False
    while not is_enough:
        try:
            held, gathered = gather(held, ask_secret(say("cli.recover.share", number=len(held) + 1)))
        except Invalid:
            if not sys.stdin.isatty():
                stop(say("cli.refused.shares"))
            print(say("cli.unseal.wrong"), file=sys.stderr)
            continue
        is_enough = gathered.is_enough
    return RecoveryPlan(held, sealing_of(ask_sealing()))


def _show(data: Path, plan: RecoveryPlan, done: Recovered) -> None:
    print(say("cli.recover.done", path=data, epochs=done.epochs, size=done.size))
    print_shares("cli.init.recovery.shares.shown", done.recovery_shares, plan.recovery_threshold)
    print_shares("cli.init.seal.shares.shown", done.seal_shares, plan.sealing.threshold)
    print(say("cli.recover.links"))
    print(say("cli.recover.rollback"))
    print(say("cli.init.next", path=data))
