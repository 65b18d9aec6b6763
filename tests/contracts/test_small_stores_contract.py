"""What drafts, blobs, the access log, the directory and the trust files promise, fake and real."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from engine.errors import Conflict, NotFound
from engine.ports import (
    Access,
    AccessLog,
    Account,
    Blobs,
    Directory,
    DraftStore,
    StagedFile,
    StoredDraft,
    TrustStore,
)
from storage.access import FileAccessLog
from storage.blobs import FileBlobs
from storage.drafts import FileDrafts
from storage.passphrases import Passphrases, Strength
from storage.people import FileDirectory
from storage.trust_files import TrustFiles
from tests.simulators.memory_stores import (
    MemoryAccessLog,
    MemoryBlobs,
    MemoryDirectory,
    MemoryDrafts,
    MemoryTrust,
)
from tests.simulators.memory_vault import MemoryVault

QUICK = Passphrases(Strength(passes=1, memory=8192))


@pytest.fixture(params=[MemoryDrafts, FileDrafts])
def drafts(request: pytest.FixtureRequest, tmp_path: Path) -> DraftStore:
    return MemoryDrafts() if request.param is MemoryDrafts else FileDrafts(tmp_path, MemoryVault())


@pytest.fixture(params=[MemoryBlobs, FileBlobs])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> Blobs:
    return MemoryBlobs() if request.param is MemoryBlobs else FileBlobs(tmp_path, MemoryVault())


@pytest.fixture(params=[MemoryAccessLog, FileAccessLog])
def access(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AccessLog]:
    if request.param is MemoryAccessLog:
        yield MemoryAccessLog()
        return
    real = FileAccessLog(tmp_path / "access", MemoryVault())
    yield real
    real.close()


@pytest.fixture(params=[MemoryDirectory, FileDirectory])
def directory(request: pytest.FixtureRequest, tmp_path: Path) -> Directory:
    return (
        MemoryDirectory()
        if request.param is MemoryDirectory
        else FileDirectory(tmp_path, MemoryVault(), QUICK)
    )


@pytest.fixture(params=[MemoryTrust, TrustFiles])
def trust(request: pytest.FixtureRequest, tmp_path: Path) -> TrustStore:
    return MemoryTrust() if request.param is MemoryTrust else TrustFiles(tmp_path)


def draft(name: str = "d1", revision: int = 1, saved_at: str = "2026-11-22T02:00:00Z") -> StoredDraft:
    return StoredDraft(
        id=name, form="info_entry", version="1.0.0", revision=revision,
        answers={"insured": {"full_name": "王秀英"}}, created_by="p_xiaolin",
        created_at="2026-11-22T01:00:00Z", saved_by="p_xiaolin", saved_at=saved_at,
        texts={"/insured/birth_date": "十二月"}, notes={"pins": ["/entry"]},
    )  # fmt: skip


def test_a_draft_is_stored_found_listed_and_discarded(drafts: DraftStore) -> None:
    later = draft("d2", saved_at="2026-11-22T03:00:00Z")
    drafts.save(draft(), 0)
    drafts.save(later, 0)
    assert (drafts.get("d1"), drafts.get("d3"), drafts.get("../d1")) == (draft(), None, None)
    assert drafts.of_person("p_xiaolin") == (later, draft())
    assert drafts.of_person("p_zhoumin") == ()
    drafts.discard("d1")
    drafts.discard("d1")
    assert (drafts.get("d1"), drafts.of_person("p_xiaolin")) == (None, (later,))


def test_the_second_to_save_a_revision_is_told_of_the_first(drafts: DraftStore) -> None:
    drafts.save(draft(), 0)
    drafts.save(draft(revision=2, saved_at="2026-11-22T02:05:00Z"), 1)
    for late, expected in ((draft(revision=2), 1), (draft(), 0), (draft(revision=9), 8)):
        with pytest.raises(Conflict) as refused:
            drafts.save(late, expected)
        assert refused.value.facts == {
            "revision": 2, "saved_at": "2026-11-22T02:05:00Z", "saved_by": "p_xiaolin"
        }  # fmt: skip
    with pytest.raises(Conflict) as refused:
        drafts.save(draft("new"), 3)
    assert refused.value.facts == {"revision": 0}
    held = drafts.get("d1")
    assert held is not None and held.revision == 2


STAGED = StagedFile(
    sha256="ab" * 32, media_type="image/png", size=10, blob="cd" * 32, key=b"\x09" * 32, commit="ef" * 32,
    kc="01" * 32, staged_by="p_xiaolin", staged_at="2026-11-22T02:00:00Z", name="照片.png",
)  # fmt: skip


def test_a_blob_is_found_by_the_digest_of_its_bytes(blobs: Blobs) -> None:
    data = bytes(range(256)) * 1000
    digest = blobs.put(data[at : at + 1000] for at in range(0, len(data), 1000))
    assert digest == sha256(data).hexdigest()
    assert b"".join(blobs.open(digest)) == data
    assert blobs.put([data]) == digest
    assert (blobs.has(digest), blobs.has("00" * 32), blobs.has("../x")) == (True, False, False)
    for unknown in ("00" * 32, "../x", ""):
        with pytest.raises(NotFound):
            blobs.open(unknown)


def test_a_staged_file_is_its_uploaders_alone(blobs: Blobs) -> None:
    blobs.stage(STAGED)
    assert blobs.staged("p_xiaolin", STAGED.sha256) == STAGED
    assert blobs.staged("p_zhoumin", STAGED.sha256) is None
    assert blobs.staged("p_xiaolin", "ff" * 32) is None


def test_readings_are_kept_in_order(access: AccessLog) -> None:
    made = [
        Access("2026-11-22T02:00:00Z", "p_zhoumin", "reviewer", "a" * 26, (f"/insured/{n}", "health"), "task")
        for n in range(5)
    ]
    for one in made:
        access.write(one)
    assert list(access.entries()) == made
    numbered = list(enumerate(made, 1))
    assert list(access.newest()) == numbered[::-1]
    assert list(access.newest(3)) == [numbered[1], numbered[0]]
    assert list(access.newest(1)) == []


LIN = Account(
    person="p_xiaolin", staff_no="1001", name="林晓", unit="D02", region="310199", password_hash="",
    grants=({"id": "g1", "role": "collector", "unit": "D02", "region": "310199"},),
    partner={"uscc": "91310000MA1FL0000X", "contract_from": "2026-01-01", "contract_to": "2026-12-31"},
    tokens=({"id": "t1", "hash": "aa", "name": "machine", "expires": "", "wrapped_passphrase": ""},),
)  # fmt: skip


def test_an_account_is_found_by_number_pseudonym_and_token(directory: Directory) -> None:
    directory.save(LIN)
    assert (
        directory.by_staff_no("1001") == directory.by_person("p_xiaolin") == directory.by_token("aa") == LIN
    )
    assert (directory.by_staff_no("1002"), directory.by_person("p_x"), directory.by_token("bb")) == (
        None,
    ) * 3
    assert directory.all() == (LIN,)


def test_a_saved_account_replaces_the_one_before(directory: Directory) -> None:
    directory.save(LIN)
    now = replace(LIN, staff_no="1009", tokens=(), active=False)
    directory.save(now)
    assert (directory.by_staff_no("1001"), directory.by_token("aa")) == (None, None)
    assert directory.by_staff_no("1009") == now


def test_a_staff_number_belongs_to_one_person(directory: Directory) -> None:
    directory.save(LIN)
    with pytest.raises(Conflict):
        directory.save(replace(LIN, person="p_zhoumin", tokens=()))
    assert directory.all() == (LIN,)


def test_a_password_is_right_only_for_an_active_account_that_has_it(directory: Directory) -> None:
    account = replace(LIN, password_hash=directory.hash_password("an umbrella in March"))
    assert directory.password_is(account, "an umbrella in March")
    assert not directory.password_is(account, "an umbrella in May")
    assert not directory.password_is(replace(account, active=False), "an umbrella in March")
    assert not directory.password_is(replace(account, password_hash=""), "")
    assert not directory.password_is(None, "an umbrella in March")


def test_trust_material_is_kept_byte_for_byte_and_in_order(trust: TrustStore) -> None:
    with pytest.raises(NotFound):
        trust.root_chain()
    trust.save_root_chain(b"{}")
    trust.save_root_chain(b'{"chain":[]}')
    trust.save_snapshot(12, b"second", b"people 2")
    trust.save_snapshot(3, b"first", b"people 1")
    assert trust.root_chain() == b'{"chain":[]}'
    assert trust.snapshots() == ((3, b"first", b"people 1"), (12, b"second", b"people 2"))
