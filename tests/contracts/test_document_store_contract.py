"""What every read side promises: the plain loops in memory and the indexed tables of TinyDB agree."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Any, cast

import pytest

from engine.errors import Broken
from engine.ports import DocumentStore, ListView
from engine.projection import Changes, DocumentRow, IdempotentRow
from storage.projection import TinyStore
from tests.simulators.memory_journal import signed_journal
from tests.simulators.memory_stores import MemoryStore
from tests.simulators.samples import LOG_KEY, ORIGIN, doc_name, submitted_at

STATES = ("submitted", "under_review", "returned", "approved", "effective")
PEOPLE = ("p_xiaolin", "p_zhoumin", "p_wang")


def row(number: int, **changes: Any) -> DocumentRow:
    """The row of one invented document."""
    made: dict[str, Any] = {
        "doc": doc_name(number), "doc_id": f"LTCI-ENT-{number}", "doc_no": f"长护录〔2026〕{number}号",
        "form": "info_entry", "version": "1.0.0", "digest": "ab" * 32, "state": "submitted", "seq": 1,
        "head": "cd" * 32, "revision": 1, "region": "310199", "unit": "D02", "created_by": "p_xiaolin",
        "submitted_by": "p_xiaolin", "collector": "p_xiaolin", "claimed_by": "",
        "created_at": submitted_at(number), "submitted_at": submitted_at(number),
        "state_since": submitted_at(number), "due_at": "", "late": False, "channel": "counter",
        "facets": {"/entry/urgency": "normal"}, "blind": {"/insured/id_no": "0a1b"},
        "summary": "c2VhbGVk", "flags": [], "filled": [3, 3], "steps": [],
        "contents": [[1, number]], "extras": [],
        **changes,
    }  # fmt: skip
    return cast(DocumentRow, made)


def target(number: int) -> str:
    """The number of a document that others name."""
    return f"LTCI-ENT-{number}"


@pytest.fixture(params=[MemoryStore, TinyStore])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> DocumentStore:
    if request.param is MemoryStore:
        return MemoryStore()
    return TinyStore(tmp_path / "projection", signed_journal(ORIGIN, LOG_KEY))


def test_a_row_is_found_by_each_of_its_names(store: DocumentStore) -> None:
    made = row(1)
    store.apply(0, Changes(row=made))
    assert store.size == 1
    assert (
        store.get(made["doc"]) == store.by_doc_id(made["doc_id"]) == store.by_doc_no(made["doc_no"]) == made
    )
    assert store.by_blind("/insured/id_no", "0a1b") == (made,)
    assert (store.get("none"), store.by_doc_id("none"), store.by_doc_no("none")) == (None, None, None)
    assert store.by_blind("/insured/id_no", "0a1c") == store.by_blind("/other", "0a1b") == ()


def test_an_official_number_of_two_regions_needs_the_region(store: DocumentStore) -> None:
    here, there = row(1, doc_no="长护录〔2026〕1号"), row(2, doc_no="长护录〔2026〕1号", region="310198")
    store.apply(0, Changes(row=here))
    store.apply(1, Changes(row=there))
    assert store.by_doc_no("长护录〔2026〕1号") is None
    assert store.by_doc_no("长护录〔2026〕1号", "310198") == there


def test_a_changed_row_leaves_its_old_places(store: DocumentStore) -> None:
    store.apply(0, Changes(row=row(1)))
    now = row(1, state="under_review", claimed_by="p_zhoumin", blind={"/insured/id_no": "ffff"})
    store.apply(1, Changes(row=now))
    assert list(store.rows()) == [now]
    assert store.count(ListView(states=("submitted",))) == 0
    assert store.page(ListView(claimed_by="p_zhoumin"), None, 20).rows == (now,)
    assert store.by_blind("/insured/id_no", "0a1b") == ()


def test_what_was_given_out_does_not_change_and_cannot_change_the_store(store: DocumentStore) -> None:
    store.apply(0, Changes(row=row(1)))
    held = store.get(doc_name(1))
    assert held is not None
    store.apply(1, Changes(row=row(1, state="returned")))
    assert held["state"] == "submitted"
    held["contents"].append([9, 9])
    again = store.get(doc_name(1))
    assert again is not None and again["contents"] == [[1, 1]]


def test_counters_and_client_keys_are_kept(store: DocumentStore) -> None:
    used = IdempotentRow(payload="ee" * 32, index=0)
    store.apply(0, Changes(counters={"310199/2026": 7}, idempotent=("key", used)))
    assert (store.counter("310199/2026"), store.counter("other")) == (7, 0)
    assert (store.idempotent("key"), store.idempotent("other")) == (used, None)


def test_records_are_applied_once_and_in_order(store: DocumentStore) -> None:
    store.apply(0, Changes(row=row(1)))
    store.apply(0, Changes(row=row(2)))
    assert [one["doc"] for one in store.rows()] == [doc_name(1)]
    with pytest.raises(Broken):
        store.apply(2, Changes())


def test_the_list_by_deadline_puts_what_has_none_last(store: DocumentStore) -> None:
    dues = ["", "2026-11-25T09:00:00Z", "2026-11-24T09:00:00Z", ""]
    for number, due in enumerate(dues):
        store.apply(number, Changes(row=row(number, due_at=due)))
    found = store.page(ListView(), None, 20).rows
    assert [one["doc"] for one in found] == [doc_name(n) for n in (2, 1, 0, 3)]


VIEWS = [
    ListView(order=order, **named)
    for order in ("due", "recent")
    for named in (
        {},
        {"states": ("submitted",)},
        {"states": ("submitted", "under_review"), "unit": "D02"},
        {"states": ("returned",), "created_by": "p_xiaolin"},
        {"claimed_by": "p_zhoumin", "created_by": "p_xiaolin"},
        {"collected_by": "p_wang", "forms": ("info_entry",)},
        {"forms": ("other",)},
        {"region": "310198"},
        {"facets": (("/entry/urgency", "urgent"),)},
        {"late": True},
        {"facets": (("/target/doc_id", target(2)),)},
        {"facets": (("/target/doc_id", target(2)),), "created_by": "p_xiaolin", "states": ("submitted",)},
        {"overdue_by": submitted_at(5), "states": ("submitted",)},
        {"overdue_by": submitted_at(70)},
        {"overdue_by": submitted_at(70), "claimed_by": "p_zhoumin"},
        {"digest": "cd" * 32, "states": ("submitted", "returned")},
    )
]


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_pages_together_hold_exactly_what_a_plain_loop_finds(store: DocumentStore, view: ListView) -> None:
    chance = Random(22)
    plain = MemoryStore()
    for index in range(400):
        number = chance.randrange(150)
        made = row(
            number,
            state=chance.choice(STATES),
            claimed_by=chance.choice(("", *PEOPLE)),
            created_by=PEOPLE[number % 3],
            collector=PEOPLE[number % 2],
            due_at=chance.choice(("", submitted_at(chance.randrange(9)))),
            region=("310199", "310198")[number % 2],
            unit=("D02", "D03")[number % 5 == 0],
            form=("info_entry", "other")[number % 7 == 0],
            facets={
                "/entry/urgency": ("normal", "urgent")[number % 4 == 0],
                **({"/target/doc_id": target(index % 4)} if number % 3 else {}),
            },
            digest=("ab" * 32, "cd" * 32)[index % 2],
            late=number % 6 == 0,
            flags=["overdue"] if number % 11 == 0 else [],
        )
        store.apply(index, Changes(row=made))
        plain.apply(index, Changes(row=made))
    found: list[DocumentRow] = []
    after: str | None = None
    expected_after: str | None = None
    while True:
        page, expected = store.page(view, after, 20), plain.page(view, expected_after, 20)
        assert page == expected
        found.extend(page.rows)
        after, expected_after = page.next, expected.next
        if after is None:
            break
    assert store.heads(view) == plain.heads(view) == tuple((one["doc"], one["head"]) for one in found)
    assert store.count(view) == plain.count(view) == len(found)
