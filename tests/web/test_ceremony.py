"""A real agency from its first minute: the ceremony, the first administrators, the day the machine is gone.

The ceremony and the recovery run as commands, each machine with a home of its own: what a machine does not
have, the command cannot use.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.desk import inviting, people
from engine.desk.people import NewPerson
from engine.errors import NotFound, Refused
from engine.trust import root
from engine.trust.wrap import Wrap
from storage.last_signed import LastSigned, Signed
from storage.ring_recovery import open_by_recovery
from storage.root_keys import read_root_key
from storage.unsealing import combine
from storage.vault_client import VaultProcess
from tests.conftest import ROOT
from tests.web.office import token_in
from web.app import create_app
from web.assemble import assemble
from web.demo.clock import SettableClock
from web.sealed.vaults import post_of
from web.settings import Settings

SETTINGS = Settings(mode="serve", hosts=("testserver",))
ANSWERS: dict[str, Any] = {
    "agency": {
        "origin": "ltci.example/log1", "code": "310199", "name": "某区医疗保障中心",
        "name_en": "A District Healthcare Security Centre", "uscc": "12310199MB2A000113",
    },
    "root": {"keys": 3, "threshold": 2},
    "recovery": {"threshold": 2, "shares": 3},
    "seal": {"mode": "passphrase", "passphrase": "fifteen herons in a row"},
    "people": [
        {"role": "system_admin", "staff_no": "IT000009", "name": "马超群"},
        {"role": "security_admin", "staff_no": "XX000008", "name": "郭芳"},
        {"role": "audit_admin", "staff_no": "XX000009", "name": "胡明"},
    ],
}  # fmt: skip


@dataclass(frozen=True)
class Machine:
    """A machine: a home, and what stands on its disk."""

    place: Path

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def home(self) -> Path:
        return self.place / "home"

    def fengjian(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "FENGJIAN_LANG": "en",
                       "XDG_CONFIG_HOME": str(self.home)}  # fmt: skip
        return subprocess.run(
            [sys.executable, "-m", "web.cli", *map(str, words)],
            capture_output=True, text=True, env=environment, timeout=120, check=False,
        )  # fmt: skip

    def with_answers(self, command: str, answers: dict[str, Any], *words: str | Path) -> dict[str, Any]:
        self.place.mkdir(exist_ok=True)
        file = self.place / "answers.json"
        file.write_text(json.dumps(answers))
        done = self.fengjian(command, "--data", self.data, "--answers", file, "--json", *words)
        assert done.returncode == 0, done.stdout + done.stderr
        said: dict[str, Any] = json.loads(done.stdout)
        return said


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[Machine, dict[str, Any]]:
    """The machine of the ceremony, and what it printed once."""
    machine = Machine(tmp_path_factory.mktemp("first"))
    answers = {**ANSWERS, "root": {**ANSWERS["root"], "folder": str(machine.place / "root keys")}}
    return machine, machine.with_answers("init", answers)


def test_the_ceremony_leaves_no_root_key_and_no_secret_behind(first: tuple[Machine, dict[str, Any]]) -> None:
    machine, shown = first
    held = [read_root_key(Path(path)) for path in shown["root_keys"]]
    assert len({one.public for one in held}) == 3
    secrets = [one.seed for one in held]
    secrets += [one.seed.hex().encode() for one in held]
    secrets += [
        b"fifteen herons",
        *(link.rpartition("/")[2].encode() for link in shown["enrolment"].values()),
    ]
    secrets += [share.encode() for share in shown["recovery_shares"]]
    places = [path for top in (machine.data, machine.home) for path in top.rglob("*") if path.is_file()]
    assert places
    found = [(path.name, n) for path in places for n, one in enumerate(secrets) if one in path.read_bytes()]
    assert found == []
    assert not list(machine.home.rglob("unseal"))


def test_the_trust_root_asks_two_of_three_root_keys_and_its_fingerprint_was_shown(
    first: tuple[Machine, dict[str, Any]],
) -> None:
    machine, shown = first
    trust = (machine.data / "trust" / "trust.json").read_bytes()
    (one,) = root.walk(root.read_trust_file(trust))
    assert (one.root.threshold, len(one.root.keys), len(one.registrar.keys)) == (2, 3, 1)
    assert shown["fingerprint"] == root.fingerprint(trust)
    assert set(one.root.keys) == {read_root_key(Path(path)).public for path in shown["root_keys"]}


def test_any_two_recovery_shares_open_every_key(first: tuple[Machine, dict[str, Any]]) -> None:
    machine, shown = first
    shares = shown["recovery_shares"]
    rings = [
        open_by_recovery(machine.data / "vault" / "ring", combine(pair))
        for pair in (shares[:2], shares[1:], [shares[2], shares[0]])
    ]
    assert rings[0] == rings[1] == rings[2]


def test_a_folder_that_holds_something_is_refused(
    first: tuple[Machine, dict[str, Any]], tmp_path: Path
) -> None:
    machine, _ = first
    again = machine.fengjian("init", "--data", machine.data, "--answers", machine.place / "answers.json")
    assert (again.returncode, "not empty" in again.stderr) == (2, True)


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"agency": {**ANSWERS["agency"], "uscc": "12310199MB2A00018M"}}, "/agency/uscc"),
        ({"root": {"keys": 3, "threshold": 4, "folder": "root keys"}}, "/root"),
        ({"root": {"folder": "data/root"}}, "/root/folder"),
        ({"recovery": {"threshold": 4, "shares": 3}}, "/recovery"),
        ({"seal": {"mode": "passphrase", "passphrase": "short"}}, "/seal/passphrase"),
        ({"people": ANSWERS["people"][:2]}, "/people"),
        ({"people": [{**one, "staff_no": "IT000009"} for one in ANSWERS["people"]]}, "/people"),
    ],
)
def test_a_plan_that_cannot_be_carried_out_makes_nothing(
    tmp_path: Path, change: dict[str, Any], where: str
) -> None:
    answers = {**ANSWERS, "root": {**ANSWERS["root"], "folder": "root keys"}, **change}
    file = tmp_path / "answers.json"
    file.write_text(json.dumps(answers))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FENGJIAN_LANG": "en"}
    done = subprocess.run(
        [sys.executable, "-m", "web.cli", "init", "--data", "data", "--answers", str(file)],
        capture_output=True, text=True, env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert (done.returncode, where in done.stderr) == (2, True), done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["answers.json"]


@pytest.fixture(scope="module")
def lived(first: tuple[Machine, dict[str, Any]]) -> tuple[Machine, dict[str, Any], list[str]]:
    """The agency after its first day: 郭芳 has enrolled at her link. What the page said is kept."""
    machine, shown = first
    link = shown["enrolment"]["XX000008"].removeprefix("http://localhost:8700")
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(machine.home))
        process = VaultProcess(post_of(machine.data, SETTINGS))
        process.client.unseal("fifteen herons in a row")
        services, opened = assemble(machine.data, SETTINGS, vault=process.client)
        try:
            with TestClient(
                create_app(services), base_url="https://testserver", follow_redirects=False
            ) as browser:
                said = _enrol(browser, link)
            # Something sealed in a document's compartment, as the first submission would.
            wrap = process.client.wrap("a" * 26, "health", "310199.info_entry.health", bytes(range(32)))
            (machine.place / "wrap.json").write_text(json.dumps(wrap.to_json()))
            other = NewPerson(
                "YW000231",
                "林小燕",
                "business_acceptance",
                "310199",
                "受理经办",
                (("acceptance_clerk", None, None),),
                "shifan-denglu-2026",
                "shifan-qianming-2026",
            )
            people.enrol(opened.desk, [other])
        finally:
            opened.close()
            process.close()
    return machine, shown, said


def _enrol(browser: TestClient, link: str) -> list[str]:
    page = browser.get(link)
    assert page.status_code == 200, page.text
    said = [page.text]
    good = {"password": "melon-ladder-sky", "passphrase": "four quiet storks wade", "agreed": "yes"}

    def post(**change: str) -> Any:
        pairs = {**good, **change}
        again = {f"{name}_again": pairs[name] for name in ("password", "passphrase")} | {
            name: value for name, value in change.items() if name.endswith("_again")
        }
        if pairs["agreed"] != "yes":
            del pairs["agreed"]
        return browser.post(link, data={"_csrf": token_in(browser.get(link).text), **pairs, **again})

    for change in (
        {"passphrase": "short"},
        {"passphrase": "melon-ladder-sky", "password": "melon-ladder-sky"},
        {"password": "XX000008-guofang"},
        {"password_again": "another one entirely"},
        {"agreed": "no"},
    ):
        refused = post(**change)
        assert (refused.status_code, 'aria-invalid="true"' in refused.text) == (422, True), change
        assert "four quiet storks" not in refused.text
    done = post()
    assert (done.status_code, done.headers["location"]) == (303, "/sign-in")
    used = browser.get(link)
    assert used.status_code == 404
    said.append(used.text)
    assert browser.get("/enrol/" + "A" * 43).text.count("不能用") == used.text.count("不能用")
    entered = browser.post(
        "/sign-in",
        data={"_csrf": token_in(browser.get("/sign-in").text), "staff_no": "XX000008",
              "password": "melon-ladder-sky", "passphrase": "four quiet storks wade"},
    )  # fmt: skip
    assert entered.status_code == 303, entered.text
    return said


def test_an_administrator_begins_by_a_link_that_works_once(
    lived: tuple[Machine, dict[str, Any], list[str]],
) -> None:
    _, _, said = lived
    assert "郭芳（XX000008）" in said[0] and "链接只能用一次" in said[1]


def test_the_machine_is_gone_and_backup_and_shares_bring_the_agency_back(
    lived: tuple[Machine, dict[str, Any], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rehearsal: another home, no unseal secret of old; only the copied folder and two of three shares."""
    old, shown, _ = lived
    new = Machine(tmp_path / "second")
    backup = tmp_path / "backup"
    shutil.copytree(old.data, backup)
    answers = {"shares": [shown["recovery_shares"][2], shown["recovery_shares"][0]],
               "seal": {"mode": "shares", "threshold": 2, "shares": 3}}  # fmt: skip
    told = new.with_answers("recover", answers, "--backup", backup)
    assert (told["epochs"], len(told["seal_shares"]), len(told["recovery_shares"])) == (1, 3, 3)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(new.home))
    process = VaultProcess(post_of(new.data, SETTINGS))
    try:
        for share in told["seal_shares"][:2]:
            state = process.client.offer_share(share)
        assert (state.mode, state.is_open) == ("shares", True)
        _, opened = assemble(new.data, SETTINGS, vault=process.client)
        desk = opened.desk
        recorded = 1  # at this start: the form versions that came with the release
        assert (desk.journal.read_only, desk.journal.durable_size) == (None, told["records"] + recorded)
        names = {account.staff_no: account.name for account in desk.directory.all()}
        assert names["YW000231"] == "林小燕" and names["XX000008"] == "郭芳"
        wrap = json.loads((old.place / "wrap.json").read_text())
        assert process.client.unwrap(Wrap.from_json(wrap)) == bytes(range(32))
        guofang = desk.directory.by_staff_no("XX000008")
        assert guofang is not None
        assert process.client.unlock(guofang.person, "four quiet storks wade", "morning")
        people.publish(desk)  # the log goes on under the same key
        opened.close()
    finally:
        process.close()
    # The old shares no longer open the new ring; the new ones do.
    new_ring = new.data / "vault" / "ring"
    with pytest.raises(Refused):
        open_by_recovery(new_ring, combine(shown["recovery_shares"][:2]))
    assert open_by_recovery(new_ring, combine(told["recovery_shares"][:2])).compartments


def test_too_few_or_foreign_shares_recover_nothing(
    lived: tuple[Machine, dict[str, Any], list[str]], tmp_path: Path
) -> None:
    old, shown, _ = lived
    new = Machine(tmp_path / "second")
    new.place.mkdir()
    one = shown["recovery_shares"][0]
    for shares in ([one], [one, one], [one, "academic acid acne"], []):
        file = new.place / "answers.json"
        file.write_text(json.dumps({"shares": shares, "seal": {"mode": "file"}}))
        done = new.fengjian("recover", "--backup", old.data, "--data", new.data, "--answers", file)
        assert (done.returncode, new.data.exists()) == (2, False), (shares, done.stderr)


def test_a_machine_that_remembers_more_than_the_backup_refuses_it(
    lived: tuple[Machine, dict[str, Any], list[str]], tmp_path: Path
) -> None:
    """On the old machine itself: its memory is ahead of a backup that was taken before the last records."""
    old, shown, _ = lived
    (memory,) = old.home.glob("fengjian/*/last-signed")
    ahead = Machine(tmp_path / "ahead")
    place = ahead.home / "fengjian" / memory.parent.name
    place.mkdir(parents=True)
    known = LastSigned(place / "last-signed")
    known.create()
    known.remember(Signed(10_000, bytes(32)))
    file = ahead.place / "answers.json"
    file.write_text(json.dumps({"shares": shown["recovery_shares"][:2], "seal": {"mode": "file"}}))
    done = ahead.fengjian("recover", "--backup", old.data, "--data", ahead.data, "--answers", file)
    assert (done.returncode, "remembers a longer log" in done.stderr) == (2, True), done.stderr
    assert not ahead.data.exists()


def test_an_invitation_ends_after_a_day_and_a_new_one_takes_its_place(
    lived: tuple[Machine, dict[str, Any], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, shown, _ = lived
    monkeypatch.setenv("XDG_CONFIG_HOME", str(old.home))
    token = shown["enrolment"]["XX000009"].rpartition("/")[2]
    process = VaultProcess(post_of(old.data, SETTINGS))
    process.client.unseal("fifteen herons in a row")
    _, opened = assemble(old.data, SETTINGS, vault=process.client)
    try:
        assert inviting.invited_by(opened.desk, token).name == "胡明"
        clock = SettableClock(opened.desk.clock.now() + timedelta(hours=25))
        desk = replace(opened.desk, clock=clock)
        with pytest.raises(NotFound):
            inviting.invited_by(desk, token)
        account = desk.directory.by_staff_no("XX000009")
        assert account is not None
        _, again = inviting.invite_again(desk, account)
        assert inviting.invited_by(desk, again).person == account.person
        enrolled = desk.directory.by_staff_no("XX000008")
        assert enrolled is not None
        with pytest.raises(Refused):
            inviting.invite_again(desk, enrolled)
    finally:
        opened.close()
        process.close()
