"""`fengjian witnesses` in a real agency: its root keys are with keepers, and what is wrong is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from engine.desk.desk import Agency
from engine.trust import checkpoint, root
from storage.root_keys import make_root_keys, write_root_keys
from tests.engine.trust.agency import key_of
from web.ceremony import ADMINISTRATORS, Administrator, Plan, Sealing, hold
from web.cli.commands import app

VKEY = checkpoint.VerifierKey(
    "witness.example/w1", checkpoint.TYPE_COSIGNATURE, key_of("witness").public_key
).text()
PEER = {"url": "https://witness.example/w1", "vkey": VKEY}


@dataclass
class House:
    """A real agency and the keepers' files."""

    data: Path
    keepers: Path

    def run(self, *words: str) -> Result:
        return CliRunner().invoke(app, ["witnesses", "--data", str(self.data), *words])

    def key(self, number: int) -> tuple[str, str]:
        return "--root-key", str(self.keepers / f"root-{number}.json")

    def name(self, witnesses: list[dict[str, str]]) -> None:
        file = self.data / "agency.json"
        file.write_text(json.dumps({**json.loads(file.read_bytes()), "witnesses": witnesses}))

    def roots(self) -> list[root.TrustRoot]:
        return list(root.walk(root.read_trust_file((self.data / "trust" / "trust.json").read_bytes())))


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.setenv("FENGJIAN_LANG", "en")
    agency = Agency("ltci.example/log1", "310199", "某区医保中心", "A District Centre", "12310199MB2A000113")
    people = tuple(
        Administrator(role, f"XX00000{number}", role) for number, role in enumerate(ADMINISTRATORS)
    )
    hold(tmp_path / "data", Plan(agency, people, tmp_path / "keepers", 3, 2, 2, 3, Sealing("file")))
    yield House(tmp_path / "data", tmp_path / "keepers")


def test_two_keepers_name_a_witness(house: House) -> None:
    house.name([PEER])
    done = house.run("--quorum", "any", *house.key(1), *house.key(3))
    assert done.exit_code == 0, done.output
    assert "Trust file version 2: 1 witnesses, quorum any" in done.output
    assert VKEY in house.roots()[-1].witness_policy
    again = house.run("--quorum", "any", *house.key(1), *house.key(2))
    assert (again.exit_code, "says so already" in again.output) == (2, True)


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ((), "--root-key"),
        ((1,), "2 different root keys of this agency are needed, 1 were recognised"),
        ((1, 1), "2 different root keys of this agency are needed, 1 were recognised"),
        ((1, 2, 9), "2 different root keys of this agency are needed, 2 were recognised"),
        ((1, 7), "root-7.json is no whole root key file"),
        ((1, 8), "root-8.json is no whole root key file"),
    ],
)
def test_keys_that_do_not_do_are_refused_and_nothing_is_logged(
    house: House, keys: tuple[int, ...], words: str
) -> None:
    house.name([PEER])
    (house.keepers / "root-7.json").write_text("{}")
    write_root_keys(house.keepers / "strange", make_root_keys(1), "another")
    (house.keepers / "strange" / "root-1.json").rename(house.keepers / "root-9.json")
    before = sorted((house.data / "journal").rglob("*"))
    said = house.run(*(word for number in keys for word in house.key(number)))
    assert said.exit_code == 2
    assert words in said.output, said.output
    assert len(house.roots()) == 1
    assert sorted((house.data / "journal").rglob("*")) == before


def test_settings_that_do_not_do_are_told(house: House) -> None:
    two = (*house.key(1), *house.key(2))
    for witnesses, quorum, words in (
        ([], "any", "There is no witness in agency.json"),
        ([{"url": "http://witness.example", "vkey": VKEY}], "none", "https"),
        ([{"url": "https://witness.example", "vkey": "x"}], "none", "vkey"),
        ([PEER], "2", "quorum"),
    ):
        house.name(witnesses)
        said = house.run("--quorum", quorum, *two)
        assert (said.exit_code, words in said.output) == (2, True), said.output
