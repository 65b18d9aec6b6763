"""After a lawful destruction: no store holds the content or a key to it, and the chain still holds."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.desk import drafting, reading, same_person, sealing, shredding
from engine.errors import Conflict, Invalid, NotAllowed
from engine.ports import StoredDraft
from engine.record import Erasable
from tests.threats.conftest import CLERK, HEAD, MANAGER, House

BASIS = "PIPL-47-4"


def spellings(secret: bytes) -> tuple[bytes, ...]:
    """The ways in which bytes are written down in our files."""
    return (secret, secret.hex().encode(), b64encode(secret).rstrip(b"="))


def approve(house: House, doc: str, who: str, basis: str = BASIS) -> bool:
    actor, unlock = house.actor(who)
    head = reading.row_of(house.at_work, doc)["head"]
    return shredding.approve(house.at_work, actor, doc, basis, head, unlock)


def erasables(house: House, doc: str) -> list[Erasable]:
    row = reading.row_of(house.at_work, doc)
    places = [house.at_work.journal.read(index).kept_at() for _, index in row["contents"]]
    return [one for place in places if place is not None and (one := house.at_work.erasable.read(place))]


def secrets(house: House, doc: str) -> Iterator[tuple[str, bytes]]:
    """Every key and every index value that could lead to the content."""
    row = reading.row_of(house.at_work, doc)
    for klass, key in sealing.document_keys(house.at_work, row).items():
        yield f"key {klass}", key
    for name, entry in reading.attachment_keys(house.at_work, row).items():
        yield f"file {name}", bytes.fromhex(entry["key"])
    for kept in erasables(house, doc):
        for one in kept.wraps:
            yield f"wrap {one.klass}", one.ct[16:]
        yield "summary", bytes.fromhex(kept.summary)


def found_in(house: House, wanted: dict[str, bytes]) -> list[tuple[str, Path]]:
    return [
        (name, path)
        for path, data in house.files()
        for name, secret in wanted.items()
        if any(one in data for one in spellings(secret))
    ]


def test_no_store_holds_content_or_key_after_a_shred(house: House) -> None:
    with house.open():
        doc = house.rows()[0]["doc"]
        actor, _ = house.actor(CLERK)
        answers = reading.answers_of(house.at_work, house.rows()[0])
        number = answers["insured"]["id_no"]  # the demo keys the same invented person once more
        assert number in [draft.answers["insured"]["id_no"] for draft in drafts_in(house)]
        wanted = dict(secrets(house, doc))
        others = [reading.answers_of(house.at_work, row) for row in house.rows()[1:]]
        assert any(path.name == "erasable" for _, path in found_in(house, wanted))  # the search can fail
        assert not approve(house, doc, HEAD)
        assert reading.answers_of(house.at_work, reading.row_of(house.at_work, doc)) == answers
        assert approve(house, doc, MANAGER)
        assert found_in(house, wanted) == []
        row = reading.row_of(house.at_work, doc)
        assert (row["blind"], row["summary"], row["facets"]) == ({}, "", {})
        assert reading.open_document(house.at_work, actor, doc).answers == {}
        # An insider with the open vault finds nothing of it in what can still be opened.
        opened = repr([vars_of(one) for _, one in house.at_work.erasable.scan()]).encode()
        assert doc.encode() not in opened
        drafts = [repr(one).encode() for one in drafts_in(house)]
        own = {answers["insured"][name].encode() for name in ("full_name", "id_no")}
        assert not [value for value in own for draft in drafts if value in draft]
        staged = house.data / "blobs" / "staged"
        keys = {value for name, value in wanted.items() if name.startswith("file")}
        for path in staged.iterdir():
            note = house.at_work.vault.open_note("staged", path.read_bytes(), path.name.encode())
            assert not [key for key in keys if key.hex().encode() in note]
        report = house.report(house.bundle(doc))
        assert report.outcome == "good"
        found = report.verdict("integrity")
        assert (found.code, found.facts["index"]) == ("integrity.destroyed", row["steps"][-1]["index"])
    assert found_in(house, wanted) == []
    with house.open():  # a start finds the same, and rebuilt rows have nothing more
        assert reading.row_of(house.at_work, doc) == row
    (house.data / "projection.json").unlink()
    with house.open():
        assert reading.row_of(house.at_work, doc) == row
        assert [reading.answers_of(house.at_work, one) for one in house.rows()[1:]] == others


def drafts_in(house: House) -> list[StoredDraft]:
    desk = house.at_work
    return [one for account in desk.directory.all() for one in desk.drafts.of_person(account.person)]


def vars_of(one: Erasable) -> list[str]:
    return [one.doc, one.summary, *map(str, one.blind.values())]


def test_one_person_destroys_nothing_and_a_clerk_approves_nothing(house: House) -> None:
    with house.open():
        doc = house.rows()[0]["doc"]
        with pytest.raises(NotAllowed) as clerk:
            approve(house, doc, CLERK)
        assert clerk.value.code == "shred.role"
        assert not approve(house, doc, HEAD)
        with pytest.raises(NotAllowed) as again:
            approve(house, doc, HEAD)
        assert again.value.code == "shred.approved_already"
        with pytest.raises(Conflict) as other:
            approve(house, doc, MANAGER, "PIPL-47-2")
        assert other.value.code == "shred.other_basis"
        assert reading.answers_of(house.at_work, reading.row_of(house.at_work, doc))


def test_nothing_is_added_to_a_destroyed_document(house: House) -> None:
    with house.open():
        doc = house.rows()[0]["doc"]
        approve(house, doc, HEAD)
        approve(house, doc, MANAGER)
        with pytest.raises(Conflict) as refused:
            approve(house, doc, HEAD)
        assert refused.value.code == "document.destroyed"
        actor, _ = house.actor(CLERK)
        assert all(one.doc != doc for one in drafting.list_drafts(house.at_work, actor))


def test_when_one_document_is_over_drafts_for_another_purpose_remain(house: House) -> None:
    with house.open():
        row = house.rows()[0]
        number = reading.answers_of(house.at_work, row)["insured"]["id_no"]
        mine = [one for one in drafts_in(house) if one.answers["insured"]["id_no"] == number]
        about = same_person.drafts_about(house.at_work, row)
        assert [one.id for one in about.same] == [one.id for one in mine] != []
        for who in (HEAD, MANAGER):
            approve(house, row["doc"], who, "PIPL-47-5")
        assert [one.id for one in drafts_in(house) if one.id == mine[0].id] == [mine[0].id]


def test_a_draft_without_a_number_is_told_and_not_taken(house: House) -> None:
    with house.open():
        desk, row = house.at_work, house.rows()[0]
        actor, _ = house.actor(CLERK)
        insured = dict(reading.answers_of(desk, row)["insured"])
        number = insured.pop("id_no")
        nameless = drafting.begin(desk, actor, "info_entry", {"insured": insured})
        other = drafting.begin(desk, actor, "info_entry", {"insured": {**insured, "id_no": "E7654321"}})
        twin = drafting.begin(desk, actor, "info_entry", {"insured": {"id_no": number}})
        about = same_person.drafts_about(desk, row)
        assert nameless.id in [one.id for one in about.alike]
        assert twin.id in [one.id for one in about.same]
        assert other.id not in [one.id for one in (*about.same, *about.alike)]
        for who in (HEAD, MANAGER):
            approve(house, row["doc"], who)
        left = {one.id for one in drafts_in(house)}
        assert {nameless.id, other.id} <= left and twin.id not in left


def test_who_may_approve_stands_in_the_agencys_own_file(house: House) -> None:
    file = house.data / "agency.json"
    said = json.loads(file.read_bytes())
    file.write_text(json.dumps({**said, "shred_roles": ["security_admin", "info_manager"]}))
    with house.open():
        doc = house.rows()[0]["doc"]
        with pytest.raises(NotAllowed):
            approve(house, doc, HEAD)
        assert not approve(house, doc, MANAGER)
    for wrong in ([], ["nobody"], "info_manager"):
        file.write_text(json.dumps({**said, "shred_roles": wrong}))
        with pytest.raises(Invalid), house.open():
            pass


def test_a_destruction_that_a_crash_interrupted_is_finished(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.open():
        doc = house.rows()[0]["doc"]
        approve(house, doc, HEAD)
        monkeypatch.setattr(shredding, "erase", lambda desk, row: None)
        approve(house, doc, MANAGER)
        monkeypatch.undo()
        assert erasables(house, doc)
    with house.open():
        number = "31019919420315026X"
        assert any(one.answers["insured"].get("id_no") == number for one in drafts_in(house))
        assert shredding.settle(house.at_work) == 1
        assert erasables(house, doc) == []
        assert not any(one.answers["insured"].get("id_no") == number for one in drafts_in(house))
        assert shredding.settle(house.at_work) == 0
