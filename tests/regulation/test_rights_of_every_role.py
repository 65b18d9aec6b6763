"""For every role × form × transition the answer equals C.2 and C.7, through pages and through the API alike.

Every cell is asked over HTTP, by a person signed in at a browser and by the same person's token. Whoever may
take a step sends something no step takes (a comment that is too long, a field nobody knows), so that the
answer says "you may, but not like this" and the document stays as it is; whoever may not is refused before.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest

from engine.desk import reading
from tests.engine.desk.office import HE, SHEN, WANG
from tests.regulation.rights_papers import Scene
from tests.regulation.rights_people import PEOPLE, Paper
from tests.regulation.rights_table import CITIZENS, MEANING, READS_TO_ACT, cells_of_c2, steps_of_c7
from tests.web.office import token_in
from web.app import create_app
from web.services import build_services
from web.settings import Settings
from web.tokens import make_token

C2, C7 = cells_of_c2(), steps_of_c7()
FORMS = tuple(C2)
# The inspections of the scene drew every entry of the department they inspected: a task in hand of those who
# have steps to take with the report, among the heads of the one of the inspected department alone.
# Nothing is awaited in a settled state: a step may be taken from it, but reading it first is nobody's task.
SETTLED = ("effective", "rejected", "applied")
SAMPLED, AT_WORK, INSPECTED = "info_entry", (HE, SHEN, WANG), ("business_acceptance",)
TOO_LONG = "长" * 2_001
ALLOWED, REFUSED, UNSEEN, STEP_UP, NOT_NOW = 422, 403, 404, 423, 409
STEPS = {form: [name for (of, _), steps in C7.items() if of == form for name in steps] for form in FORMS}


@dataclass
class Asked:
    """The application and everybody at their browsers and machines."""

    scene: Scene
    app: Any
    cookies: dict[str, dict[str, str]] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    cells: Counter[str] = field(default_factory=Counter)

    def client(self, who: str) -> httpx2.AsyncClient:
        """Somebody's browser."""
        transport = httpx2.ASGITransport(self.app)
        return httpx2.AsyncClient(
            transport=transport, base_url="https://testserver", cookies=self.cookies.get(who, {})
        )

    async def sign_in(self, who: str) -> None:
        async with self.client(who) as client:
            csrf = token_in((await client.get("/sign-in")).text)
            said = {"_csrf": csrf, "staff_no": who, "password": "password", "passphrase": f"phrase {who}"}
            assert (await client.post("/sign-in", data=said)).status_code == 303
            self.csrf[who] = token_in((await client.get("/unlock")).text)
            self.cookies[who] = dict(client.cookies)


@pytest.fixture(scope="module")
def asked() -> Iterator[Asked]:
    scene = Scene()
    scene.tell()
    desk = scene.office.desk
    found = Asked(scene, create_app(build_services(desk, Settings(hosts=("testserver",)))))
    for who in PEOPLE:
        account = desk.directory.by_staff_no(who)
        assert account is not None
        found.tokens[who] = make_token(desk, account, f"phrase {who}", "cells", "2099-12-31")

    async def all_in() -> None:
        for who in PEOPLE:
            await found.sign_in(who)

    asyncio.run(all_in())
    yield found
    print(f"\ncells asked: {sum(found.cells.values())} {dict(found.cells)}")


# -- what the tables say --


def holders(column: str, unit: str = "") -> set[str]:
    return {who for who, (has, of) in PEOPLE.items() if has == column and unit in ("", of)}


def meant(paper: Paper, word: str) -> set[str]:
    """The people a word of C.7 means for one document."""
    auditors, managers = holders("auditor"), holders("info_mgr")
    heads = {of: holders("head", of) for of in ("business_acceptance", "audit", "claims", "it", "info_mgmt")}
    own_head = heads.get(paper.unit, set())
    if paper.form == "permission_review":
        own_head = heads["business_acceptance"]  # all of the scene review that department
    table = {
        "creator": {paper.maker},
        "recipient": {paper.maker},
        "auditors": auditors - {paper.maker},
        "same auditor": {paper.holder},
        "other auditors": auditors - {paper.maker, paper.holder},
        "own head": own_head,
        "next level": heads["info_mgmt"],
        "head of audit": heads["audit"],
        "head of info_mgmt": heads["info_mgmt"],
        "info managers": managers,
        "leader": {paper.leader},
        "inspected heads": set().union(*(heads[one] for one in paper.asked)),
        "required heads": set().union(*(heads[one] for one in paper.asked)),
        "owner": {paper.owner},
        "head of owner": set().union(*(heads[one] for one in paper.asked)),
        "reviewers of info_mgmt": holders("reviewer", "info_mgmt"),
        "it operators": holders("it_op") if paper.state == "confirmed" else set(),
        "audit administrator": holders("aud_adm"),
        "information management": managers | heads["info_mgmt"],
        "second of information management": (managers | heads["info_mgmt"]) - {paper.maker, paper.first},
    }
    return table[word]


def may(paper: Paper, step: str) -> set[str]:
    """Who takes a step from where the document is."""
    words = C7.get((paper.form, paper.state), {}).get(step, ())
    return set().union(*(meant(paper, word) for word in words)) - {""}


def reads(paper: Paper, who: str) -> bool:
    """Whether C.2 lets somebody read a document."""
    column, unit = PEOPLE[who]
    cell = C2[paper.form][column]
    if who in set().union(*(meant(paper, word) for word in READS_TO_ACT.get(paper.form, ()))):
        return True
    if "r" not in cell:
        return False
    said = set(cell) - {"c", "r"}
    if "own" in said:
        return who == paper.maker
    if "dept" in said:
        about = paper.form in ("rectification", "permission_review")  # not of the department it was filed in
        owning = paper.asked if about else (paper.unit,)
        return unit in owning
    return all(paper.state in MEANING[one] for one in said)


def has_task(asked: Asked, paper: Paper, who: str) -> bool:
    """Whether a record about a citizen is somebody's task in hand (R5.8.1): a next step, or their work."""
    if paper.form not in CITIZENS or who == paper.maker:
        return True
    if paper.form == SAMPLED and who in AT_WORK and paper.unit in INSPECTED:
        return True
    steps_ahead = () if paper.state in SETTLED else C7.get((paper.form, paper.state), {})
    if any(who in may(paper, step) for step in steps_ahead):
        return True
    account = asked.scene.office.desk.directory.by_staff_no(who)
    steps = reading.row_of(asked.scene.office.desk, paper.doc)["steps"]
    return account is not None and account.person in {one["person"] for one in steps}


# -- asking --


async def ask_paper(asked: Asked, paper: Paper) -> list[str]:
    """Every person and every step of one document; what differs from the table."""
    wrong: list[str] = []
    row = reading.row_of(asked.scene.office.desk, paper.doc)
    form = asked.scene.office.desk.registry.get(row["form"], row["version"])
    for who in PEOPLE:
        sees = reads(paper, who)
        expected = {step for step in STEPS[paper.form] if sees and who in may(paper, step)}
        async with asked.client(who) as client:
            page = await client.get(f"/documents/{paper.doc}")
            token = {"Authorization": f"Bearer {asked.tokens[who]}"}
            machine = await client.get(f"/api/v1/documents/{paper.doc}", headers=token)
            told = (page.status_code, machine.status_code)
            asked.cells["read"] += 2
            opens = sees and has_task(asked, paper, who)
            right_told = 200 if opens else REFUSED if sees else UNSEEN
            if told != (right_told, right_told):
                wrong.append(f"{paper.form} {paper.state}: {who} reads {told}, not {right_told}")
                continue
            offered = set(machine.json()["transitions"]) if opens else set()
            shown = set(re.findall(rf"/documents/{paper.doc}/transitions/(\w+)", page.text))
            edits = {one.name for one in form.workflow.leaving(paper.state) if one.edits}
            edits |= {form.workflow.first().name}
            if f"/documents/{paper.doc}/correct" in page.text:
                shown |= edits & offered
            for name, steps in (("api", offered), ("page", shown)):
                asked.cells[f"offered {name}"] += len(STEPS[paper.form])
                if opens and steps != expected - paper.blocked:
                    wrong.append(
                        f"{paper.form} {paper.state}: {who} is offered by {name} {sorted(steps)}, "
                        f"table says {sorted(expected - paper.blocked)}"
                    )
            leaving = C7.get((paper.form, paper.state), {})
            for step in dict.fromkeys(STEPS[paper.form]):
                if not sees and step not in leaving:
                    continue
                transition = form.workflow.transitions.get(step)
                if transition is None:
                    wrong.append(f"{paper.form} has no {step}")
                    continue
                right = _expected(paper, step, who, sees, expected, transition.needs_step_up, step in edits)
                got = await _ask_machine(asked, client, who, paper, step, row["head"])
                asked.cells["asked api"] += 1
                if got not in right[0]:
                    wrong.append(f"{paper.form} {paper.state} {step}: {who} by api {got}, not {right[0]}")
                if step not in leaving:
                    continue  # by page too there is no way round the state; the API was asked
                got = await _ask_page(asked, client, who, paper, step, row["head"])
                asked.cells["asked page"] += 1
                unread = {REFUSED} if sees and not opens else set()  # the page would show the document again
                if got not in right[1] | unread:
                    wrong.append(f"{paper.form} {paper.state} {step}: {who} by page {got}, not {right[1]}")
    return wrong


def _expected(
    paper: Paper, step: str, who: str, sees: bool, expected: set[str], step_up: bool, edits: bool
) -> tuple[set[int], set[int]]:
    """Right answers of the API and of the page."""
    if not sees:
        return {UNSEEN}, {UNSEEN}
    if edits:  # filled in on a draft, not decided
        return {REFUSED}, {REFUSED}
    if step not in C7.get((paper.form, paper.state), {}):
        return {NOT_NOW, STEP_UP, REFUSED}, {NOT_NOW, REFUSED}
    if step not in expected:
        return {STEP_UP if step_up else REFUSED}, {REFUSED}
    page = {ALLOWED, REFUSED} if step in paper.blocked else {ALLOWED}
    return {STEP_UP} if step_up else page, page


async def _ask_machine(
    asked: Asked, client: httpx2.AsyncClient, who: str, paper: Paper, step: str, head: str
) -> int:
    answer = await client.post(
        f"/api/v1/documents/{paper.doc}/transitions/{step}",
        headers={"Authorization": f"Bearer {asked.tokens[who]}", "Idempotency-Key": f"cell-{step}"},
        json={"expected_head": head, "answers": {"nobody_knows_this": "x"}},
    )
    return answer.status_code


async def _ask_page(
    asked: Asked, client: httpx2.AsyncClient, who: str, paper: Paper, step: str, head: str
) -> int:
    said = {"_csrf": asked.csrf[who], "_head": head, "_key": f"page-{step}", "comment": TOO_LONG}
    said["_passphrase"] = f"phrase {who}"
    answer = await client.post(f"/documents/{paper.doc}/transitions/{step}", data=said)
    return answer.status_code


@pytest.mark.parametrize("form", FORMS)
def test_every_step_of_every_document_is_as_open_as_the_tables_say(asked: Asked, form: str) -> None:
    desk = asked.scene.office.desk
    before = {row["doc"]: row["head"] for row in desk.store.rows()}

    async def all_papers() -> list[str]:
        mine = [one for one in asked.scene.papers if one.form == form]
        return [line for one in mine for line in await ask_paper(asked, one)]

    wrong = asyncio.run(all_papers())
    assert "\n".join(wrong) == ""
    assert {row["doc"]: row["head"] for row in desk.store.rows()} == before


async def ask_to_fill_in(asked: Asked, paper: Paper) -> list[str]:
    """Every person asks to fill in one document where a step does that; those who may are told so last."""
    wrong: list[str] = []
    desk = asked.scene.office.desk
    row = reading.row_of(desk, paper.doc)
    transition = desk.registry.get(row["form"], row["version"]).workflow.editing(paper.state)
    if transition is None:
        return wrong
    stands = dict(reading.answers_of(desk, row))
    for who in PEOPLE:
        sees = reads(paper, who)
        right = UNSEEN if not sees else 303 if who in may(paper, transition.name) else REFUSED
        async with asked.client(who) as client:
            answer = await client.post(f"/documents/{paper.doc}/correct", data={"_csrf": asked.csrf[who]})
            asked.cells["filled in page"] += 1
            if answer.status_code != right:
                wrong.append(f"{paper.form} {paper.state}: {who} corrects {answer.status_code}, not {right}")
            if right == 303:
                continue
            answer = await client.post(
                "/api/v1/documents",
                headers={"Authorization": f"Bearer {asked.tokens[who]}", "Idempotency-Key": f"fill-{who}"},
                json={"form": paper.form, "doc": paper.doc, "expected_head": row["head"], "answers": stands},
            )
            asked.cells["filled in api"] += 1
            if answer.status_code not in (REFUSED, UNSEEN, ALLOWED):
                wrong.append(f"{paper.form} {paper.state}: {who} files {answer.status_code} {answer.text}")
    return wrong


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_begun_by_those_whom_the_matrix_lets_create(asked: Asked, form: str) -> None:
    async def everybody() -> list[str]:
        wrong = []
        for who, (column, _) in PEOPLE.items():
            creates = "c" in C2[form][column]
            async with asked.client(who) as client:
                page = (await client.get(f"/entry/new/{form}")).status_code
                answer = await client.post(
                    "/api/v1/documents",
                    headers={"Authorization": f"Bearer {asked.tokens[who]}", "Idempotency-Key": f"n-{form}"},
                    json={"form": form, "answers": {}},
                )
                asked.cells["created"] += 2
                if (page, answer.status_code) != ((200, ALLOWED) if creates else (REFUSED, REFUSED)):
                    wrong.append(f"{form}: {who} begins {page}, {answer.status_code}, table says {creates}")
        return wrong

    assert asyncio.run(everybody()) == []


@pytest.mark.parametrize("form", FORMS)
def test_a_document_is_filled_in_by_those_whom_the_tables_name(asked: Asked, form: str) -> None:
    before = {row["doc"]: row["head"] for row in asked.scene.office.desk.store.rows()}

    async def all_papers() -> list[str]:
        mine = [one for one in asked.scene.papers if one.form == form]
        return [line for one in mine for line in await ask_to_fill_in(asked, one)]

    assert asyncio.run(all_papers()) == []
    assert {row["doc"]: row["head"] for row in asked.scene.office.desk.store.rows()} == before


def test_every_state_that_a_step_leaves_was_asked(asked: Asked) -> None:
    there = {(one.form, one.state) for one in asked.scene.papers}
    assert set(C7) - there == set()
