"""The vault's own process: who may ask, how much, what it gave up, and what happens when it goes away."""

from __future__ import annotations

import os
import select
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.errors import Broken, Invalid, NotAllowed, Refused, TooMany, Unavailable
from engine.ports import KeyToWrap
from storage import vault_messages
from storage.budgets import Budget, Budgets
from storage.passphrases import Passphrases, Strength
from storage.unsealing import lock_by_passphrase, lock_by_shares
from storage.vault import create_vault
from storage.vault_client import VaultProcess, acting, client_of
from storage.vault_process import Post

QUICK = Strength(passes=1, memory=8192)
DOC = "a" * 26
HEALTH = [KeyToWrap("health", "310199.info_entry.health", bytes(32))]


def post_in(base: Path, budget: Budget | None = None) -> Post:
    return Post(base / "vault", base / "vault.sock", base / "config", None, QUICK, budget or Budget())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    base = tmp_path_factory.mktemp("process")
    create_vault(base / "vault", Passphrases(QUICK), unseal_folder=base / "config")
    return base


@pytest.fixture
def process(base: Path) -> Iterator[VaultProcess]:
    started = VaultProcess(post_in(base, Budget(unwraps=3, signatures=2, unwraps_of_all=5)))
    yield started
    started.close()


def test_only_this_account_reaches_the_socket(process: VaultProcess, base: Path) -> None:
    assert stat.S_IMODE((base / "vault.sock").stat().st_mode) == 0o600


def test_the_process_can_be_neither_traced_nor_dumped_and_has_no_network(process: VaultProcess) -> None:
    assert process.client.state().left == ()
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    assert next(line for line in limits.splitlines() if "core file" in line).split()[4:6] == ["0", "0"]
    status = Path(f"/proc/{process.pid}/status").read_text()
    assert "Seccomp:\t2" in status and "NoNewPrivs:\t1" in status


def test_hardened_code_opens_no_network_socket() -> None:
    script = (
        "import socket; from storage.hardening import harden; harden()\n"
        "for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK):\n"
        "    try: socket.socket(family, socket.SOCK_DGRAM)\n"
        "    except PermissionError: print('refused')\n"
        "socket.socketpair()\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["refused"] * 3, "")


def test_a_person_opens_so_many_documents_an_hour_and_others_go_on(process: VaultProcess) -> None:
    vault = process.client
    (wrap,) = vault.prepare(DOC, HEALTH, {}, "", b"").wraps
    token = acting.set("p_xiaolin")
    try:
        assert [vault.unwrap(wrap) for _ in range(3)] == [bytes(32)] * 3
        with pytest.raises(TooMany) as refused:
            vault.unwrap_all([wrap])
        assert (refused.value.code, refused.value.facts["retry_after"] > 60) == ("vault.budget", True)
        acting.set("p_zhoumin")
        assert vault.unwrap(wrap) == bytes(32)
    finally:
        acting.reset(token)


def test_a_person_signs_so_many_times_an_hour(process: VaultProcess) -> None:
    vault = process.client
    vault.enrol("p_xiaolin", "one")
    token = vault.unlock("p_xiaolin", "one", "morning")
    for _ in range(2):
        vault.sign_event(token, "p_xiaolin", b"event")
    with pytest.raises(TooMany):
        vault.sign_as(token, "p_xiaolin", b"event")


def test_one_question_opens_one_document(process: VaultProcess) -> None:
    vault = process.client
    (mine,) = vault.prepare(DOC, HEALTH, {}, "", b"").wraps
    (other,) = vault.prepare("b" * 26, HEALTH, {}, "", b"").wraps
    for wraps in ([mine, other], [mine] * 17):
        with pytest.raises(Refused) as refused:
            vault.unwrap_all(wraps)
        assert refused.value.code == "vault.question"
    with pytest.raises(Refused):
        vault.prepare(DOC, HEALTH * 17, {}, "", b"")


@pytest.mark.parametrize(
    "question",
    [
        {"op": "_open", "args": [], "for": "system"},
        {"op": "open_if_unattended", "args": [], "for": "system"},
        {"op": "unwrap", "args": ["no wrap"], "for": "system"},
        {"op": "wrap", "args": [], "for": "system"},
        {"op": ["wrap"], "args": [], "for": "system"},
        {"op": "blind", "args": [{"x": 1}, 2], "for": "system"},
        {},
    ],
)
def test_a_question_that_is_none_is_refused_and_the_next_answered(
    process: VaultProcess, base: Path, question: dict[str, object]
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(base / "vault.sock"))
        vault_messages.send(connection, question)
        answer = vault_messages.receive(connection)
        assert answer is not None and answer["refused"][:2] == ["Refused", "vault.question"]
        vault_messages.send(connection, {"op": "state", "args": [], "for": "system"})
        assert "is" in (vault_messages.receive(connection) or {})


@pytest.mark.parametrize("data", [b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x05nope!"])
def test_bytes_that_are_no_message_end_the_connection_alone(
    process: VaultProcess, base: Path, data: bytes
) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(base / "vault.sock"))
        connection.sendall(data)
        assert connection.recv(1) == b""
    assert process.client.state().is_open


def test_a_second_process_for_the_same_vault_does_not_start(process: VaultProcess, base: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        VaultProcess(post_in(base))
    assert refused.value.code == "vault.taken"


def test_a_process_started_anew_answers_the_same_client(base: Path) -> None:
    first = VaultProcess(post_in(base))
    client = client_of(post_in(base))
    sealed = client.seal_note("draft", b"note")
    first.close()
    with pytest.raises(Unavailable) as refused:
        client.seal_note("draft", b"note")
    assert refused.value.code == "vault.away"
    second = VaultProcess(post_in(base))
    assert client.open_note("draft", sealed) == b"note"
    with pytest.raises(Broken):
        client.open_note("account", sealed)
    second.close()


def test_the_vault_ends_with_the_application_that_started_it(base: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from storage.vault_client import VaultProcess\n"
        "from storage.vault_process import Post\n"
        "process = VaultProcess(Post.from_text(sys.argv[1])); print(process.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    application = subprocess.Popen(
        [sys.executable, "-c", script, post_in(base).to_text()],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert application.stdout is not None and application.stdin is not None
    vault = int(application.stdout.readline())
    descriptor = os.pidfd_open(vault)
    application.send_signal(signal.SIGKILL)
    application.wait()
    assert select.select([descriptor], [], [], 10)[0] == [descriptor]
    os.close(descriptor)
    application.stdin.close()
    application.stdout.close()


def test_a_socket_may_stand_deeper_than_an_address_is_long(tmp_path: Path) -> None:
    deep = tmp_path / ("a folder with a long name " * 5)
    create_vault(deep / "vault", Passphrases(QUICK), unseal_folder=deep / "config")
    process = VaultProcess(post_in(deep))
    assert process.client.state().is_open
    process.close()


# -- shut --


def test_a_vault_behind_a_passphrase_answers_nothing_until_it_is_given(tmp_path: Path) -> None:
    passphrases = Passphrases(QUICK)
    lock = lock_by_passphrase(passphrases, "fifteen herons in a row", QUICK)
    create_vault(tmp_path / "vault", passphrases, unseal_folder=tmp_path / "config", lock=lock)
    assert [path.name for path in (tmp_path / "config").iterdir()] == ["last-signed"]
    process = VaultProcess(post_in(tmp_path))
    vault = process.client
    assert (vault.state().mode, vault.state().is_open) == ("passphrase", False)
    for ask in (vault.public_keys, lambda: vault.sign_platform(b"m"), lambda: vault.seal_note("draft", b"n")):
        with pytest.raises(Unavailable) as shut:
            ask()
        assert shut.value.code == "vault.sealed"
    with pytest.raises(Refused) as other_way:
        vault.offer_share("academic acid")
    assert other_way.value.code == "unseal.method"
    for _ in range(3):
        with pytest.raises(NotAllowed) as wrong:
            vault.unseal("fifteen herons in a pond")
        assert wrong.value.code == "unseal.wrong"
    with pytest.raises(TooMany):
        vault.unseal("fifteen herons in a row")
    process.close()


def test_custodians_open_a_vault_with_enough_of_their_shares(tmp_path: Path) -> None:
    lock, other = lock_by_shares(3, 5), lock_by_shares(3, 5)
    create_vault(tmp_path / "vault", Passphrases(QUICK), unseal_folder=tmp_path / "config", lock=lock)
    process = VaultProcess(post_in(tmp_path))
    vault = process.client
    first, second, third = lock.shares[4], lock.shares[0], lock.shares[2]
    assert (vault.offer_share(first).have, vault.offer_share(first).have) == (1, 1)
    for wrong in (other.shares[0], second.replace(second.split()[7], "academic", 1), "no share at all"):
        with pytest.raises(Invalid) as refused:
            vault.offer_share(wrong)
        assert [one.code for one in refused.value.problems] == ["share.wrong"]
    state = vault.offer_share(f"  {second.upper()}\n")
    assert (state.have, state.need, state.is_open) == (2, 3, False)
    assert vault.offer_share(third).is_open
    assert len(vault.public_keys()["recovery"]) == 32
    process.close()


def test_a_budget_fills_again_evenly() -> None:
    now = [0.0]
    budgets = Budgets(Budget(unwraps=2, signatures=60, unwraps_of_all=100), lambda: now[0])
    budgets.open_document("p_xiaolin")
    budgets.open_document("p_xiaolin")
    with pytest.raises(TooMany) as refused:
        budgets.open_document("p_xiaolin")
    assert refused.value.facts["retry_after"] == 1801
    now[0] += 1801
    budgets.open_document("p_xiaolin")
    for _ in range(50):
        budgets.open_document("system")
