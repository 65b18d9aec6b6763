"""The demo's data folder: what is in it, that nothing of it can be read, that it opens again quickly."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import schemas
from engine.desk import drafting, reading
from engine.errors import Unavailable
from tests.web.conftest import DemoAgency
from web.assemble import open_desk
from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE, ROLES


def test_there_are_people_of_every_role(demo: DemoAgency) -> None:
    held = {grant["role"] for account in demo.services.desk.directory.all() for grant in account.grants}
    assert held == set(ROLES) - {"system"}
    assert {one.staff_no for one in PEOPLE} == {a.staff_no for a in demo.services.desk.directory.all()}


def test_the_three_examples_are_in_effect_and_work_waits(copy_of_demo: Callable[[], Path]) -> None:
    opened = open_desk(copy_of_demo())
    try:
        entries = (row for row in opened.desk.store.rows() if row["form"] == "info_entry")
        rows = sorted(entries, key=lambda row: row["submitted_at"])
        assert Counter(row["state"] for row in rows) == {
            "effective": 3, "submitted": 1, "returned": 1, "under_review": 1, "approved": 1,
        }  # fmt: skip
        linked = [
            reading.answers_of(opened.desk, row)["entry"].get("related_doc_ids", []) for row in rows[:3]
        ]
        first, second = rows[0]["doc_id"], rows[1]["doc_id"]
        assert linked == [[], [first], [first, second]]
    finally:
        opened.close()


def test_the_clerk_has_drafts_to_go_on_with(demo: DemoAgency) -> None:
    drafts = drafting.list_drafts(demo.services.desk, demo.session("YW000231").actor)
    assert len(drafts) == 2
    assert all("files" not in draft.answers for draft in drafts)


def test_every_attachment_opens_to_what_was_listed(demo: DemoAgency) -> None:
    from hashlib import sha256

    from engine.desk import attaching

    desk, row = demo.services.desk, demo.first()
    listed = reading.answers_of(desk, row)["files"]
    actor = demo.session("YW000231").actor
    for one in listed:
        kind, chunks = attaching.open_attachment(desk, actor, row["doc"], one["file_id"])
        assert (kind, sha256(b"".join(chunks)).hexdigest()) == ("image/png", one["sha256"])


def secrets() -> Iterator[str]:
    """Names, numbers, phones and addresses of the examples, and what opens the demo."""
    wanted = {
        "full_name",
        "id_no",
        "mobile",
        "residence_address",
        "psn_no",
        "bank_card_no",
        "landline",
        "address",
    }

    def walk(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            for name, inner in value.items():
                if name in wanted and isinstance(inner, str):
                    yield inner
                yield from walk(inner)
        if isinstance(value, list):
            for inner in value:
                yield from walk(inner)

    for file in schemas.root().joinpath("info_entry", "1.0.0", "examples").iterdir():
        if file.name.startswith("ok-"):
            yield from walk(json.loads(file.read_bytes())["data"])
    yield from (one.name for one in PEOPLE)
    yield from (PASSWORD, PASSPHRASE)


def test_a_search_of_the_raw_folder_finds_nothing_personal(demo_folder: Path) -> None:
    wanted = sorted({text for text in secrets() if len(text) > 1})
    assert len(wanted) > 30
    raw = b"".join(path.read_bytes() for path in demo_folder.rglob("*") if path.is_file())
    spelled = {text: {text.encode(), json.dumps(text)[1:-1].encode()} for text in wanted}
    assert [text for text, forms in spelled.items() if any(form in raw for form in forms)] == []


def test_two_processes_cannot_have_one_folder(copy_of_demo: Callable[[], Path]) -> None:
    data = copy_of_demo()
    opened = open_desk(data)
    try:
        with pytest.raises(Unavailable) as refusal:
            open_desk(data)
        assert refusal.value.code == "journal.locked"
    finally:
        opened.close()


def test_without_its_unseal_file_the_folder_stays_shut(
    copy_of_demo: Callable[[], Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    data = copy_of_demo()
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "elsewhere"))
    with pytest.raises(Unavailable) as refusal:
        open_desk(data)
    assert refusal.value.code == "vault.sealed"
