"""Keys at rest: what the folders give away, what a start needs, and how long a key stays unlocked."""

from __future__ import annotations

import hashlib
import shutil
import stat
from pathlib import Path

import pytest
from nacl import bindings

from engine.errors import Broken, NeedsUnlock, NotAllowed, NotFound, TooMany, Unavailable
from engine.trust import canonical, checkpoint
from storage.keyring import RingFile, configuration_folder
from storage.last_signed import Signed
from storage.passphrases import Passphrases, Strength
from storage.person_keys import Limits
from storage.vault import NewVault, ProcessVault, create_vault, is_vault, open_vault

QUICK = Passphrases(Strength(passes=1, memory=8192))


class Watch:
    """Seconds that pass when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


def create(base: Path, watch: Watch | None = None) -> NewVault:
    return create_vault(
        base / "vault", QUICK, unseal_folder=base / "config", monotonic=watch or Watch(),
        limits=Limits(idle=600, absolute=3600),
    )  # fmt: skip


def reopen(base: Path) -> ProcessVault:
    return open_vault(base / "vault", QUICK, unseal_folder=base / "config")


def test_a_start_finds_the_same_keys(tmp_path: Path) -> None:
    vault = create(tmp_path).vault
    public = vault.enrol("p_xiaolin", "an umbrella in March")
    wrap = vault.wrap("a" * 26, "health", "310199.info_entry.health", bytes(range(32)))
    note, bits = vault.seal_note("draft", b"note"), vault.blind("/insured/id_no", "X")
    again = reopen(tmp_path)
    assert again.public_keys() == vault.public_keys()
    assert (again.unwrap(wrap), again.open_note("draft", note)) == (bytes(range(32)), b"note")
    assert again.blind("/insured/id_no", "X") == bits
    token = again.unlock("p_xiaolin", "an umbrella in March", "session")
    assert again.sign_as(token, "p_xiaolin", b"m").public_key == public


def test_the_data_folder_alone_opens_nothing(tmp_path: Path) -> None:
    create(tmp_path)
    shutil.move(tmp_path / "config", tmp_path / "elsewhere")
    with pytest.raises(Unavailable) as refused:
        reopen(tmp_path)
    assert refused.value.code == "vault.sealed"
    assert is_vault(tmp_path / "vault") and not is_vault(tmp_path / "config")


def test_the_unseal_file_stands_in_the_users_configuration_and_is_hers_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    create_vault(tmp_path / "data" / "vault", QUICK)
    (unseal,) = (tmp_path / "configuration").glob("fengjian/*/unseal")
    assert stat.S_IMODE(unseal.stat().st_mode) == 0o600
    assert configuration_folder(unseal.parent.name) == unseal.parent
    key = unseal.read_text().strip()
    held = [path.read_bytes() for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert held and all(bytes.fromhex(key) not in data and key.encode() not in data for data in held)
    open_vault(tmp_path / "data" / "vault", QUICK)


def test_a_damaged_ring_is_broken_not_guessed_at(tmp_path: Path) -> None:
    create(tmp_path)
    ring = tmp_path / "vault" / "ring"
    data = ring.read_bytes()
    place = data.index(b'"keys":"') + 60
    ring.write_bytes(data[:place] + (b"A" if data[place : place + 1] != b"A" else b"B") + data[place + 1 :])
    with pytest.raises(Broken):
        reopen(tmp_path)


def test_the_recovery_key_opens_every_compartments_key(tmp_path: Path) -> None:
    made = create(tmp_path)
    wrap = made.vault.wrap("a" * 26, "health", "310199.info_entry.health", bytes(range(32)))
    _, ring = RingFile.open(tmp_path / "vault" / "ring", made.vault._file._disk, tmp_path / "config")
    held = ring.compartments["310199.info_entry.health"][wrap.context.epoch]
    plain = bindings.crypto_box_seal_open(held.escrow, ring.recovery_public, made.recovery_secret)
    place = canonical.encode({"compartment": "310199.info_entry.health", "epoch": 1})
    assert plain == held.key + hashlib.sha256(place).digest()


def test_an_unlocked_key_locks_itself_after_a_pause_and_at_the_end_of_the_day(
    tmp_path: Path, watch: Watch
) -> None:
    vault = create(tmp_path, watch).vault
    vault.enrol("p_xiaolin", "one")
    token = vault.unlock("p_xiaolin", "one", "s")
    for _ in range(7):
        watch.seconds += 500
        vault.sign_as(token, "p_xiaolin", b"m")
    watch.seconds += 101
    with pytest.raises(NeedsUnlock):
        vault.sign_as(token, "p_xiaolin", b"m")
    token = vault.unlock("p_xiaolin", "one", "s")
    watch.seconds += 601
    assert not vault.is_unlocked(token)


def test_guessing_a_passphrase_is_slowed_down(tmp_path: Path, watch: Watch) -> None:
    vault = create(tmp_path, watch).vault
    vault.enrol("p_xiaolin", "one")
    for _ in range(5):
        with pytest.raises(NotAllowed):
            vault.unlock("p_xiaolin", "guess", "s")
    with pytest.raises(TooMany) as refused:
        vault.unlock("p_xiaolin", "one", "s")
    assert refused.value.facts["retry_after"] >= 1
    watch.seconds += 2
    assert vault.unlock("p_xiaolin", "one", "s")


def test_the_files_of_a_person_hold_neither_seed_nor_passphrase(tmp_path: Path) -> None:
    vault = create(tmp_path).vault
    vault.enrol("p_xiaolin", "an umbrella in March")
    token = vault.unlock("p_xiaolin", "an umbrella in March", "s")
    assert token.encode() not in (tmp_path / "vault" / "people" / "p_xiaolin").read_bytes()
    assert b"umbrella" not in (tmp_path / "vault" / "people" / "p_xiaolin").read_bytes()


def test_a_person_is_never_a_path(tmp_path: Path) -> None:
    vault = create(tmp_path).vault
    for person in ("../ring", "a/b", "", ".", "a" * 65):
        with pytest.raises(NotFound):
            vault.enrol(person, "one")


def test_more_guesses_at_once_than_the_queue_holds_are_refused() -> None:
    narrow = Passphrases(Strength(passes=1, memory=8192), at_once=1, queue=0)
    with narrow._turn(), pytest.raises(TooMany):
        narrow.derive("one", bytes(16))
    assert len(narrow.derive("one", bytes(16))) == 32


def test_the_log_key_signs_checkpoints_only_and_never_goes_back(tmp_path: Path) -> None:
    vault = create(tmp_path).vault

    def text(size: int, root: int) -> bytes:
        return checkpoint.encode_checkpoint("test/log", size, bytes([root]) * 32).encode()

    vault.sign_log(text(5, 5))
    assert vault.sign_log(text(5, 5)) and vault.sign_log(text(6, 6))
    for refused in (text(5, 5), text(6, 7), b"m", b"test/log\nmany\nroot\n"):
        with pytest.raises(Broken):
            vault.sign_log(refused)
    vault.last_signed.remember(Signed(9, b"\x09" * 32))
    with pytest.raises(Broken):
        reopen(tmp_path).sign_log(text(8, 8))
