"""Trial runs have a budget of their own in the vault's process, and what they carry ends no process."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import orjson
import pytest

from engine.errors import NotAllowed, TooMany
from storage import vault_messages
from storage.budgets import Budget, Budgets
from storage.passphrases import Passphrases
from storage.vault import create_vault
from storage.vault_client import VaultClient, VaultProcess, acting
from tests.contracts.test_vault_contents_contract import permit, sealed
from tests.storage.test_vault_process import QUICK, post_in


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VaultClient]:
    base = tmp_path_factory.mktemp("trials")
    create_vault(base / "vault", Passphrases(QUICK), unseal_folder=base / "config")
    process = VaultProcess(post_in(base, Budget(unwraps=1, unwraps_of_all=2, trials=4)))
    yield process.client
    process.close()


def test_a_trial_spends_its_own_budget_and_leaves_everybodys_alone(client: VaultClient) -> None:
    allowed, _ = permit(client, 100)
    documents = [sealed(client, letter * 26) for letter in "abcdef"]
    token = acting.set("p_zhulin")
    try:
        assert len(client.open_contents(allowed, documents[:4])) == 4
        with pytest.raises(TooMany) as refused:
            client.open_contents(allowed, documents[4:])
        assert (refused.value.code, refused.value.facts["retry_after"] > 1000) == ("vault.budget", True)
        assert client.unwrap(documents[0].pieces[0].wrap) == bytes([1]) * 32
    finally:
        acting.reset(token)


def test_a_question_outside_its_permit_spends_nothing(client: VaultClient) -> None:
    with pytest.raises(NotAllowed):
        client.open_contents("made up", [sealed(client, "a" * 26)])


def test_more_at_once_than_an_hour_allows_waits_for_an_hour_and_not_for_ever() -> None:
    now = [0.0]
    budgets = Budgets(Budget(trials=10), lambda: now[0])
    budgets.try_documents(256)
    with pytest.raises(TooMany) as refused:
        budgets.try_documents(256)
    assert refused.value.facts["retry_after"] == 3601
    now[0] = 3600.0
    budgets.try_documents(256)


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x01\x05short", b"\xff\xff", bytes(100)])
def test_bytes_that_are_no_contents_are_refused(client: VaultClient, raw: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(client._path))
        question = {"op": "open_contents", "args": ["x"], "for": "system", **({"raw": raw} if raw else {})}
        vault_messages.send(connection, question)
        answer = vault_messages.receive(connection)
        assert answer is not None and answer["refused"][:2] == ["Refused", "vault.question"]
        vault_messages.send(connection, {"op": "state", "args": [], "for": "system"})
        assert "is" in (vault_messages.receive(connection) or {})


@pytest.mark.parametrize("count", [-1, "9", 2**40, 0])
def test_a_count_of_bytes_that_is_none_ends_the_connection_alone(client: VaultClient, count: object) -> None:
    data = orjson.dumps({"op": "open_contents", "args": ["x"], "for": "system", "raw": count})
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(client._path))
        connection.sendall(len(data).to_bytes(4, "big") + data)
        assert connection.recv(1) == b""
    assert client.state().is_open


