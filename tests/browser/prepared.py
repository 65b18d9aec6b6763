"""Work laid out before a test begins, through the desk's own use cases, where the application runs here."""

from __future__ import annotations

import copy
from hashlib import sha256
from typing import Any

from engine.desk import attaching, deciding, drafting, submitting
from engine.desk.people import actor_of
from engine.lifecycle.people import Actor
from tests.browser.papers import Answers, example_one
from tests.browser.running import Running
from web.demo.attachments import picture
from web.demo.people import PASSPHRASE

TICKS = {"accuracy": True, "completeness": True, "no_interest": True}


def somebody(running: Running, staff_no: str) -> tuple[Actor, Any]:
    """A person of the agency with the key opened, in a session no browser has."""
    assert running.services is not None
    desk = running.services.desk
    account = desk.directory.by_staff_no(staff_no)
    assert account is not None
    session = sha256(f"prepared {staff_no}".encode()).hexdigest()
    return actor_of(account, session, "password"), desk.vault.unlock(account.person, PASSPHRASE, session)


def draft(running: Running, answers: Answers | None = None, staff_no: str = "YW000231") -> str:
    """The path of a complete draft of example 1, its scans uploaded."""
    assert running.services is not None
    desk, (actor, _) = running.services.desk, somebody(running, staff_no)
    return f"/drafts/{drafting.begin(desk, actor, 'info_entry', with_files(running, actor, answers)).id}"


def with_files(running: Running, actor: Actor, answers: Answers | None) -> Answers:
    """The answers with each listed scan made and staged."""
    assert running.services is not None
    filled = copy.deepcopy(answers) if answers is not None else example_one()
    for item in filled.get("files", []):
        data = picture(item["kind"], item["file_id"], filled["insured"]["id_no"][-6:])
        staged = attaching.attach(running.services.desk, actor, data, "image/png", "scan.png")
        item["sha256"] = staged.sha256
    return filled


def document(running: Running, *decisions: tuple[str, str], answers: Answers | None = None) -> str:
    """The id of a submitted document, with decisions (staff number, transition) taken on it."""
    assert running.services is not None
    desk, (actor, unlock) = running.services.desk, somebody(running, "YW000231")
    filled = with_files(running, actor, answers)
    key = filled["insured"]["id_no"]
    wanted = submitting.Submission("info_entry", filled, key, confirmed=frozenset({"V11.late"}))
    doc = submitting.submit(desk, actor, wanted, unlock).wait().doc
    for staff_no, transition in decisions:
        decide(running, doc, staff_no, transition)
    return doc


def decide(running: Running, doc: str, staff_no: str, transition: str) -> None:
    """Take one decision."""
    assert running.services is not None
    desk, (actor, unlock) = running.services.desk, somebody(running, staff_no)
    row = desk.store.get(doc)
    assert row is not None
    said = {"claim": {}, "upload": {}}.get(transition, TICKS)
    wanted = deciding.Decision(doc, transition, row["head"], said, f"{doc}-{transition}", stepped_up=True)
    deciding.decide(desk, actor, wanted, unlock).wait()
