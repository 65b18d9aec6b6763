"""An agency with a witness outside: real processes on this machine, and yesterday's copy brought back.

郑老师 runs the witness in another house; nothing of the agency's folders is there.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from engine.trust import checkpoint, verify
from storage.witness_memory import origin_id
from tests.attack.house import Place, Server, free_port
from tests.benchmarks import agency
from tests.benchmarks.agency import CLERK, Prepared
from tests.benchmarks.material import FORM, Answers
from tests.conftest import ROOT
from web.demo.people import AGENCY

PATIENCE = 30.0
pytestmark = pytest.mark.slow


class OtherHouse:
    """郑老师's witness: a process of its own with a folder of its own."""

    def __init__(self, folder: Path, trust: Path) -> None:
        self.folder, self.port = folder, free_port()
        self._trust = trust
        self._process: subprocess.Popen[str] | None = None

    def open(self) -> str:
        """Start it; its vkey as it says it."""
        words = ["witness", "--data", str(self.folder), "--trust", str(self._trust)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "web.cli", *words, "--port", str(self.port)], cwd=ROOT, text=True,
            stdout=subprocess.PIPE, env={**os.environ, "FENGJIAN_LANG": "en", "PYTHONUTF8": "1"},
        )  # fmt: skip
        assert self._process.stdout is not None
        said = [self._process.stdout.readline() for _ in range(3)]
        assert said[2].startswith("Address: "), said
        return said[0].removeprefix("Witness key: ").strip()

    def close(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            self._process.wait(30)
            assert self._process.stdout is not None
            self._process.stdout.close()
            self._process = None

    def kinds(self) -> list[str]:
        """What the witness holds against the agency's log."""
        place = f"http://127.0.0.1:{self.port}/evidence/{origin_id(AGENCY.origin)}"
        with urllib.request.urlopen(place) as got:
            return [one["kind"] for one in json.load(got)]


class Story:
    """An agency that is witnessed, and two copies of its folders: of yesterday and of today."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, Place(folder / "agency")
        self.yesterday, self.today = Place(folder / "yesterday"), Place(folder / "today")
        self._number = 0
        with self.place.at_home() as data:
            self.prepared: Prepared = agency.prepare(data)
        self.house = OtherHouse(folder / "house", self.place.data / "trust" / "trust.json")
        self.vkey = self.house.open()
        file = self.place.data / "agency.json"
        said = json.loads(file.read_bytes())
        said["witnesses"] = [{"url": f"http://127.0.0.1:{self.house.port}", "vkey": self.vkey}]
        file.write_text(json.dumps(said, ensure_ascii=False))
        named = self.place.command("witnesses", "--quorum", "any")
        assert named.returncode == 0, named.stderr
        server = Server(self.place).start()
        try:
            self.before_any_submission = server.send("GET", "/log/checkpoint").body
            for at in (self.yesterday, self.today):
                self.doc = [self.submit(server).json()["doc"] for _ in range(3)][-1]
                self.wait_until_witnessed(server)
                self.bundle = self.bundle_of(server, self.doc)
                self.cosigned = server.send("GET", "/log/cosigned").body
                self.checkpoint = server.send("GET", "/log/checkpoint").body
                self.page = server.send("GET", "/status").body.decode()
                server.stop()
                self.place.copy(at.folder)
                if at is self.yesterday:
                    server.start()
        finally:
            server.stop()

    def submit(self, server: Server) -> Any:
        self._number += 1
        answers = Answers(self.prepared.digests).about(self._number)
        token = self.prepared.tokens[CLERK]
        body = {"form": FORM, "answers": answers}
        return server.call("POST", "/documents", token, body, f"w-{self._number}")

    def bundle_of(self, server: Server, doc: str) -> bytes:
        token = self.prepared.tokens[CLERK]
        return server.call("GET", f"/documents/{doc}/bundle", token).body

    def wait_until_witnessed(self, server: Server) -> None:
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            told = server.send("GET", "/status.json").json()
            if told["witnessed_size"] == told["log_size"]:
                return
            time.sleep(0.05)
        raise AssertionError(told)

    def bring(self, source: Place, *, with_memory: bool) -> Server:
        """The agency's folders replaced by a copy's; `with_memory`: the signer's memory too."""
        shutil.rmtree(self.place.data)
        shutil.copytree(source.data, self.place.data)
        if with_memory:
            shutil.rmtree(self.place.folder / "configuration")
            shutil.copytree(source.folder / "configuration", self.place.folder / "configuration")
        return Server(self.place)


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    before = {name: os.environ.get(name) for name in ("FENGJIAN_WITNESS_SECONDS", "FENGJIAN_LANG")}
    os.environ |= {"FENGJIAN_WITNESS_SECONDS": "0.1", "FENGJIAN_LANG": "zh"}
    made = Story(tmp_path_factory.mktemp("story"))
    yield made
    made.house.close()
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


def trust_of(place: Place) -> bytes:
    return (place.data / "trust" / "trust.json").read_bytes()


def test_a_bundle_carries_the_cosignature_and_meets_the_quorum(story: Story) -> None:
    report = verify.verify(story.bundle, trust_of(story.today), now=datetime.now(UTC))
    assert [(one.name, one.status) for one in report.verdicts] == [
        (name, "good") for name in ("integrity", "identity", "authority", "order", "freshness")
    ]
    assert report.log["witnesses"] == [checkpoint.parse_vkey(story.vkey).name]
    assert json.loads(story.bundle)["checkpoint"] == story.cosigned.decode() == story.checkpoint.decode()


def test_the_status_page_says_when_the_outside_last_saw_us(story: Story) -> None:
    size = checkpoint.open(story.checkpoint.decode()).size
    name = checkpoint.parse_vkey(story.vkey).name
    assert "最近一次外部见证：" in story.page
    assert f"{name}，到第 {size} 条为止" in story.page


def test_yesterdays_data_is_refused_by_the_signers_own_memory(story: Story) -> None:
    server = story.bring(story.yesterday, with_memory=False)
    words = len(server.log.read_bytes()) if server.log.exists() else 0
    try:
        server.start()
        told = server.send("GET", "/status.json")
        assert (told.status, told.json()["read_only"]) == (503, "journal.behind_checkpoint")
        assert story.submit(server).status == 503
        page = server.send("GET", "/status").body.decode()
        assert "数据比签名记录旧" in page
        assert "只读：数据比签名记录旧" in server.log.read_bytes()[words:].decode()
        assert "behind" in story.house.kinds()
    finally:
        server.stop()


def test_yesterdays_data_with_yesterdays_memory_is_noticed_by_the_witness(story: Story) -> None:
    server = story.bring(story.yesterday, with_memory=True)
    words = len(server.log.read_bytes()) if server.log.exists() else 0
    old, new = (checkpoint.open(json.loads(at)["checkpoint"]).size for at in _bundles(story))
    try:
        server.start()
        told = server.send("GET", "/status.json").json()
        assert (told["takes_documents"], told["read_only"]) == (False, "journal.behind_witness")
        assert (told["log_size"], story.submit(server).status) == (old, 503)
        page = server.send("GET", "/status").body.decode()
        name = checkpoint.parse_vkey(story.vkey).name
        assert f"见证人 {name} 记得到第 {new} 条为止的日志，本机只能证明到第 {old} 条" in page
        assert "它出示的检查点确由本日志密钥签署。" in page
        assert "只读：外部见证人见过更多记录" in server.log.read_bytes()[words:].decode()
        assert "behind" in story.house.kinds()
    finally:
        server.stop()


def _bundles(story: Story) -> list[bytes]:
    return [
        json.dumps({"checkpoint": json.loads((at.data / "witness.json").read_bytes())["note"]}).encode()
        for at in (story.yesterday, story.today)
    ]


def test_an_alarm_outlives_a_restart_without_the_witness_and_ends_with_the_newest_data(story: Story) -> None:
    server = story.bring(story.yesterday, with_memory=True)
    try:
        server.start()
        server.stop()
        story.house.close()
        server.start()
        assert server.send("GET", "/status.json").json()["read_only"] == "journal.behind_witness"
        server.stop()
        story.house.open()
        server = story.bring(story.today, with_memory=True).start()
        told = server.send("GET", "/status.json").json()
        assert (told["read_only"], told["takes_documents"]) == (None, True)
    finally:
        server.stop()


def test_the_audit_proves_that_the_log_continues_an_older_checkpoint(story: Story, tmp_path: Path) -> None:
    older, newest = tmp_path / "older", tmp_path / "newest"
    older.write_bytes(story.before_any_submission)
    newest.write_bytes(story.checkpoint)
    good = story.today.command("audit", "--since", str(older), "--json")
    size = checkpoint.open(older.read_text()).size
    found = json.loads(good.stdout)
    assert (good.returncode, found["problems"], found["since"]) == (0, [], size)
    said = story.today.command("audit", "--since", str(older)).stdout
    assert f"前 {size} 条没有改动" in said
    short = story.yesterday.command("audit", "--since", str(newest), "--json")
    codes = [one["code"] for one in json.loads(short.stdout)["problems"]]
    assert (short.returncode, codes) == (1, ["audit.records_missing"])
    text = older.read_text()
    older.write_text(text.replace(text.split("\n")[2], newest.read_text().split("\n")[2]))
    forged = story.today.command("audit", "--since", str(older), "--json")
    codes = [one["code"] for one in json.loads(forged.stdout)["problems"]]
    assert (forged.returncode, codes) == (1, ["integrity.checkpoint_signature", "audit.root"])
    older.write_text("no checkpoint")
    assert story.today.command("audit", "--since", str(older)).returncode == 2
