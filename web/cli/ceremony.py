"""`fengjian init`: asks what the ceremony needs, or reads it from a file, and prints what is shown once.

Decides how questions are asked. Nothing here is logged; secrets are asked for hidden and printed only to
the terminal (or, with `--json`, to whatever reads it).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import typer

from engine.desk.desk import Agency
from engine.errors import Invalid, Problem
from storage.unsealing import MODULE, PASSPHRASE, SHARES
from web.ceremony import ADMINISTRATORS, Administrator, Outcome, Plan, Sealing, hold
from web.cli.speaking import language, print_json, refusals, say, stop
from web.roles import ROLE_TITLES


def run_init(data: Path, answers: Path | None, root_keys: Path | None, address: str, as_json: bool) -> None:
    """Hold the ceremony."""
    with refusals():
        try:
            said = read_answers(answers) if answers is not None else _ask(root_keys)
            if root_keys is not None:
                said["root"] = {**said.get("root", {}), "folder": str(root_keys)}
            plan = plan_of(said)
            outcome = hold(data, plan)
        except Invalid as refused:
            stop(say("cli.refused.init", where=" ".join(one.pointer for one in refused.problems)))
    links = {staff_no: f"{address.rstrip('/')}/enrol/{token}" for staff_no, token in outcome.tokens.items()}
    if as_json:
        print_json(
            {
                "fingerprint": outcome.fingerprint,
                "root_keys": [str(path) for path in outcome.root_files],
                "recovery_shares": outcome.recovery_shares,
                "seal_shares": outcome.seal_shares,
                "enrolment": links,
            }
        )
    else:
        _show(data, plan, outcome, links)


def read_answers(path: Path) -> dict[str, Any]:
    """The answers' file. Raises Invalid."""
    try:
        value = json.loads(path.read_bytes())
    except (OSError, ValueError):
        value = None
    if not isinstance(value, dict):
        raise Invalid(problems=[Problem("", "init")])
    return value


def plan_of(said: Mapping[str, Any]) -> Plan:
    """The plan of the answers. Raises Invalid with a pointer to what is missing or of the wrong kind."""
    place = "/agency"
    try:
        names = said["agency"]
        agency = Agency(
            origin=str(names["origin"]), code=str(names["code"]), name=str(names["name"]),
            name_en=str(names["name_en"]), uscc=str(names["uscc"]),
        )  # fmt: skip
        place = "/people"
        administrators = tuple(
            Administrator(str(one["role"]), str(one["staff_no"]), str(one["name"])) for one in said["people"]
        )
        place = "/root"
        top = said["root"]
        folder, keys, threshold = Path(top["folder"]), int(top.get("keys", 3)), int(top.get("threshold", 2))
        place = "/recovery"
        recovery = said.get("recovery", {})
        needed, count = int(recovery.get("threshold", 2)), int(recovery.get("shares", 3))
        place = "/seal"
        sealing = sealing_of(said["seal"])
    except (KeyError, TypeError, ValueError):
        raise Invalid(problems=[Problem(place, "init")]) from None
    return Plan(agency, administrators, folder, keys, threshold, needed, count, sealing)


def sealing_of(said: Mapping[str, Any]) -> Sealing:
    """The way of sealing of the answers; KeyError, TypeError, ValueError for what is none."""
    return Sealing(
        mode=str(said["mode"]),
        passphrase=str(said.get("passphrase", "")),
        threshold=int(said.get("threshold", 2)),
        shares=int(said.get("shares", 3)),
        module=Path(said["folder"]) if said.get("folder") else None,
        pin=str(said.get("pin", "")),
    )


def _ask(root_keys: Path | None) -> dict[str, Any]:
    names = ("code", "name", "name_en", "uscc", "origin")
    said: dict[str, Any] = {
        "agency": {name: typer.prompt(say(f"cli.init.agency.{name}")).strip() for name in names}
    }
    said["root"] = {"folder": str(root_keys or typer.prompt(say("cli.init.root.folder")))}
    said["recovery"] = {
        "threshold": typer.prompt(say("cli.init.recovery.threshold"), default=2, type=int),
        "shares": typer.prompt(say("cli.init.recovery.shares"), default=3, type=int),
    }
    said["seal"] = ask_sealing()
    title = "title_en" if language() == "en" else "title_zh"
    said["people"] = [
        {"role": role}
        | {
            name: typer.prompt(say(f"cli.init.person.{name}", title=ROLE_TITLES[role][title])).strip()
            for name in ("staff_no", "name")
        }
        for role in ADMINISTRATORS
    ]
    return said


def ask_sealing() -> dict[str, Any]:
    """Ask how the keys are to be opened."""
    mode = typer.prompt(say("cli.init.seal.mode"), default=PASSPHRASE).strip()
    if mode == PASSPHRASE:
        prompt, again = say("cli.init.seal.passphrase"), say("cli.init.seal.again")
        secret = typer.prompt(prompt, hide_input=True, confirmation_prompt=again)
        return {"mode": mode, "passphrase": secret}
    if mode == SHARES:
        return {
            "mode": mode,
            "threshold": typer.prompt(say("cli.init.seal.threshold"), default=2, type=int),
            "shares": typer.prompt(say("cli.init.seal.shares"), default=3, type=int),
        }
    if mode == MODULE:
        prompt, again = say("cli.init.seal.pin"), say("cli.init.seal.again")
        return {
            "mode": mode,
            "folder": typer.prompt(say("cli.init.seal.folder")),
            "pin": typer.prompt(prompt, hide_input=True, confirmation_prompt=again),
        }
    return {"mode": mode}


def _show(data: Path, plan: Plan, outcome: Outcome, links: Mapping[str, str]) -> None:
    print(say("cli.init.made", path=data))
    print(say("cli.init.fingerprint", fingerprint=outcome.fingerprint))
    print(say("cli.init.root.written", threshold=plan.root_threshold, count=plan.root_keys))
    for path in outcome.root_files:
        print(f"  {path}")
    print_shares("cli.init.recovery.shares.shown", outcome.recovery_shares, plan.recovery_threshold)
    print_shares("cli.init.seal.shares.shown", outcome.seal_shares, plan.sealing.threshold)
    print(say("cli.init.links"))
    for one in plan.administrators:
        print(f"  {one.staff_no}  {one.name}  {links[one.staff_no]}")
    print(say("cli.init.next", path=data))


def print_shares(key: str, shares: tuple[str, ...], threshold: int) -> None:
    """Shares, numbered, under a sentence; nothing when there are none."""
    if not shares:
        return
    print(say(key, threshold=threshold, count=len(shares)))
    for number, share in enumerate(shares, start=1):
        print(f"  {number}. {share}")
