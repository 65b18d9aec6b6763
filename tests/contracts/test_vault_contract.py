"""What every vault promises: the one in memory, the one in the application, the one in a process of its own.

Each way of keeping the root key shut is one more vault: a file, a passphrase, shares, a module.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import Broken, NeedsUnlock, NotAllowed
from engine.ports import KeyToWrap, Vault
from engine.trust import checkpoint, identifiers, keys
from engine.trust.blind import INDEX_BITS, first_bits
from engine.trust.envelope import Signature
from storage.passphrases import Passphrases, Strength
from storage.software_module import SoftwareModule
from storage.unsealing import lock_by_passphrase, lock_by_shares
from storage.vault import create_vault
from storage.vault_client import VaultClient, VaultProcess
from storage.vault_house import OPERATIONS
from storage.vault_process import Post
from tests.simulators.memory_module import MemoryModule
from tests.simulators.memory_vault import MemoryVault

QUICK = Strength(passes=1, memory=8192)


def in_memory(base: Path) -> Iterator[Vault]:
    yield MemoryVault()


def in_the_application(base: Path) -> Iterator[Vault]:
    yield create_vault(base / "vault", Passphrases(QUICK), unseal_folder=base / "config").vault


def with_a_module(base: Path) -> Iterator[Vault]:
    module = MemoryModule("a pin")
    module.open("a pin")
    yield create_vault(base / "vault", Passphrases(QUICK), unseal_folder=base / "config", module=module).vault


def in_a_process(base: Path) -> Iterator[VaultClient]:
    create_vault(base / "vault", Passphrases(QUICK), unseal_folder=base / "config")
    yield from running(base)


def in_a_process_behind_a_passphrase(base: Path) -> Iterator[VaultClient]:
    passphrases = Passphrases(QUICK)
    lock = lock_by_passphrase(passphrases, "fifteen herons in a row", QUICK)
    create_vault(base / "vault", passphrases, unseal_folder=base / "config", lock=lock)
    for client in running(base):
        assert client.unseal("fifteen herons in a row").is_open
        yield client


def in_a_process_behind_shares(base: Path) -> Iterator[VaultClient]:
    lock = lock_by_shares(2, 3)
    create_vault(base / "vault", Passphrases(QUICK), unseal_folder=base / "config", lock=lock)
    for client in running(base):
        assert [client.offer_share(share).is_open for share in lock.shares[1:]] == [False, True]
        yield client


def in_a_process_with_a_module(base: Path) -> Iterator[VaultClient]:
    passphrases = Passphrases(QUICK)
    module = SoftwareModule.create(base / "module", passphrases, "a pin", QUICK)
    create_vault(base / "vault", passphrases, unseal_folder=base / "config", module=module)
    for client in running(base, module=base / "module"):
        assert client.unseal("a pin").is_open
        yield client


def running(base: Path, module: Path | None = None) -> Iterator[VaultClient]:
    post = Post(base / "vault", base / "vault.sock", base / "config", module, QUICK)
    process = VaultProcess(post)
    yield process.client
    process.close()


WAYS = (
    in_memory, in_the_application, with_a_module, in_a_process, in_a_process_behind_a_passphrase,
    in_a_process_behind_shares, in_a_process_with_a_module,
)  # fmt: skip


@pytest.fixture(scope="module", params=WAYS, ids=[way.__name__ for way in WAYS])
def vault(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Vault]:
    """One vault for all promises: starting a process for each would take half a minute."""
    way: Callable[[Path], Iterator[Vault]] = request.param
    yield from way(tmp_path_factory.mktemp("vault"))


def test_the_client_carries_every_question_and_the_process_answers_it() -> None:
    methods = {name for name in vars(Vault) if not name.startswith("_")}
    assert (methods - set(dir(VaultClient)), methods - OPERATIONS) == (set(), set())


def holds(signature: Signature, message: bytes, public_key: bytes) -> bool:
    return (
        signature.public_key == public_key
        and signature.kid == identifiers.kid(public_key)
        and keys.is_valid(public_key, message, signature.signature)
    )


def test_a_person_signs_with_the_key_she_unlocked(vault: Vault) -> None:
    public = vault.enrol("p_xiaolin", "an umbrella in March")
    token = vault.unlock("p_xiaolin", "an umbrella in March", "morning")
    assert vault.is_unlocked(token)
    assert holds(vault.sign_as(token, "p_xiaolin", b"event"), b"event", public)


def test_a_wrong_passphrase_and_an_unknown_person_are_refused_alike(vault: Vault) -> None:
    vault.enrol("p_xiaolin", "an umbrella in March")
    for person, passphrase in (("p_xiaolin", "an umbrella in May"), ("p_nobody", "an umbrella in March")):
        with pytest.raises(NotAllowed) as refused:
            vault.unlock(person, passphrase, "morning")
        assert refused.value.code == "passphrase"


def test_a_token_signs_for_its_own_person_only(vault: Vault) -> None:
    vault.enrol("p_xiaolin", "one")
    vault.enrol("p_zhoumin", "two")
    token = vault.unlock("p_xiaolin", "one", "morning")
    for wrong, person in ((token, "p_zhoumin"), (None, "p_xiaolin"), ("made up", "p_xiaolin")):
        with pytest.raises(NeedsUnlock):
            vault.sign_as(wrong, person, b"event")


def test_locking_a_session_locks_its_keys_and_no_others(vault: Vault) -> None:
    vault.enrol("p_xiaolin", "one")
    morning = vault.unlock("p_xiaolin", "one", "morning")
    evening = vault.unlock("p_xiaolin", "one", "evening")
    vault.lock_session("morning")
    assert (vault.is_unlocked(morning), vault.is_unlocked(evening)) == (False, True)
    with pytest.raises(NeedsUnlock):
        vault.sign_as(morning, "p_xiaolin", b"event")


def test_enrolling_again_makes_a_new_key_and_ends_the_old_one(vault: Vault) -> None:
    old = vault.enrol("p_xiaolin", "one")
    token = vault.unlock("p_xiaolin", "one", "morning")
    new = vault.enrol("p_xiaolin", "two")
    assert old != new
    assert not vault.is_unlocked(token)
    with pytest.raises(NotAllowed):
        vault.unlock("p_xiaolin", "one", "morning")


def test_the_agencys_keys_sign_and_their_public_halves_are_known(vault: Vault) -> None:
    public = vault.public_keys()
    assert holds(vault.sign_platform(b"m"), b"m", public["platform"])
    text = checkpoint.encode_checkpoint("test/log", 1, bytes(32)).encode()
    assert keys.is_valid(public["log"], text, vault.sign_log(text))
    for name, signatures in (("registrar", vault.sign_registrar(b"m")), ("root", vault.sign_root(b"m"))):
        assert len(signatures) == len(public[name])
        assert all(holds(one, b"m", key) for one, key in zip(signatures, public[name], strict=True))
    everyone = [public["platform"], public["log"], *public["registrar"], *public["root"]]
    assert len(set(everyone)) == len(everyone) == 7
    assert len(public["recovery"]) == 32


def test_a_wrap_opens_only_in_its_own_context(vault: Vault) -> None:
    dk = bytes(range(32))
    made = vault.wrap("a" * 26, "health", "310199.info_entry.health", dk)
    assert vault.unwrap(made) == dk
    for wrong in (
        replace(made, doc="b" * 26),
        replace(made, klass="identity"),
        replace(made, compartment="310199.info_entry.identity"),
        replace(made, epoch=2),
        replace(made, ct=made.ct[:-1] + bytes([made.ct[-1] ^ 1])),
    ):
        with pytest.raises(Broken):
            vault.unwrap(wrong)


def test_what_an_event_needs_is_one_question(vault: Vault) -> None:
    doc = "a" * 26
    keys_made = [KeyToWrap(name, f"310199.info_entry.{name}", bytes([n]) * 32) for n, name in
                 enumerate(("identity", "health"))]  # fmt: skip
    indexed = {"info_entry:/insured/id_no": "11010519491231002X", "info_entry:/insured/mobile": "13800000000"}
    made = vault.prepare(doc, keys_made, indexed, "summary", "王**".encode())
    assert vault.unwrap_all(made.wraps) == (bytes(32), b"\x01" * 32)
    assert [(one.doc, one.klass, one.compartment) for one in made.wraps] == [
        (doc, one.klass, one.compartment) for one in keys_made
    ]
    assert made.bits == {name: vault.blind(name, value) for name, value in indexed.items()}
    assert vault.open_note("summary", made.note, doc.encode()) == "王**".encode()
    nothing = vault.prepare(doc, [], {}, "summary", b"")
    assert (nothing.wraps, nothing.bits, nothing.note) == ((), {}, b"")


def test_a_note_tells_whether_its_document_has_a_value_without_being_opened(vault: Vault) -> None:
    doc, index = b"a" * 26, "info_entry:/insured/id_no"
    made = vault.prepare(doc.decode(), [], {index: "11010519491231002X"}, "summary", b"{}")
    assert vault.carries("summary", made.note, doc, index, "11010519491231002X") is True
    assert vault.carries("summary", made.note, doc, index, "110105194912310021") is False
    assert vault.carries("summary", made.note, doc, "info_entry:/agent/id_no", "11010519491231002X") is False
    plain = vault.seal_note("summary", b"{}", doc)
    assert vault.carries("summary", plain, doc, index, "11010519491231002X") is None
    with pytest.raises(Broken):
        vault.carries("summary", made.note, b"b" * 26, index, "11010519491231002X")


def test_an_event_is_signed_by_the_person_and_the_platform_together(vault: Vault) -> None:
    public = vault.enrol("p_xiaolin", "one")
    token = vault.unlock("p_xiaolin", "one", "morning")
    by_person, by_platform = vault.sign_event(token, "p_xiaolin", b"event")
    assert holds(by_person, b"event", public)
    assert holds(by_platform, b"event", vault.public_keys()["platform"])
    with pytest.raises(NeedsUnlock):
        vault.sign_event(None, "p_xiaolin", b"event")


def test_index_bits_are_the_same_for_the_same_text_and_differ_by_index(vault: Vault) -> None:
    bits = vault.blind("/insured/id_no", "11010519491231002X")
    assert bits == vault.blind("/insured/id_no", "11010519491231002X")
    assert len(bits) == 4 and int(bits, 16) < 2**15
    others = {vault.blind(f"/other/{n}", "11010519491231002X") for n in range(20)}
    assert len(others) > 10


def test_a_subject_key_is_whole_begins_with_the_index_bits_and_differs_by_value(vault: Vault) -> None:
    key = vault.subject_key("form:/id_no", "11010519491231002X")
    assert key == vault.subject_key("form:/id_no", "11010519491231002X")
    assert len(key) == 64
    assert first_bits(bytes.fromhex(key), INDEX_BITS) == vault.blind("form:/id_no", "11010519491231002X")
    assert key not in (
        vault.subject_key("form:/id_no", "110105194912310021"),
        vault.subject_key("form:/full_name", "11010519491231002X"),
    )


def test_a_note_opens_only_for_its_purpose_and_context(vault: Vault) -> None:
    sealed = vault.seal_note("draft", "王秀英".encode(), b"draft 1")
    assert vault.open_note("draft", sealed, b"draft 1") == "王秀英".encode()
    assert "王秀英".encode() not in sealed
    assert vault.seal_note("draft", "王秀英".encode(), b"draft 1") != sealed
    for purpose, data, context in (
        ("account", sealed, b"draft 1"),
        ("draft", sealed, b"draft 2"),
        ("draft", sealed[:-1], b"draft 1"),
        ("draft", b"", b"draft 1"),
    ):
        with pytest.raises(Broken):
            vault.open_note(purpose, data, context)
