"""TinyDB's own commands work on the table, touch only what they name and tell the listener."""

from __future__ import annotations

from typing import Any

from tinydb import TinyDB, where
from tinydb.table import Document

from storage.indexed_table import IndexedTable, MemoryTables


class Database(TinyDB):
    table_class = IndexedTable  # type: ignore[assignment]


def a_table() -> tuple[IndexedTable, list[Any]]:
    told: list[Any] = []
    database = Database(storage=MemoryTables)
    table = database.table("documents", listener=lambda *change: told.append(change))
    assert isinstance(table, IndexedTable)
    return table, told


def test_tinydb_finds_changes_and_removes_rows() -> None:
    table, told = a_table()
    table.insert(Document({"state": "submitted"}, doc_id="a"))  # type: ignore[arg-type]
    table.put("b", {"state": "returned"})
    assert table.get(doc_id="a") == {"state": "submitted"}  # type: ignore[call-overload]
    assert [str(row.doc_id) for row in table.search(where("state") == "returned")] == ["b"]
    table.update({"state": "approved"}, where("state") == "submitted")
    table.remove(where("state") == "returned")
    assert table.items() == [("a", {"state": "approved"})] and len(table) == 1
    assert told == [
        ("a", None, {"state": "submitted"}),
        ("b", None, {"state": "returned"}),
        ("a", {"state": "submitted"}, {"state": "approved"}),
        ("b", {"state": "returned"}, None),
    ]


def test_a_row_that_was_given_out_never_changes() -> None:
    table, _ = a_table()
    table.put("a", {"state": "submitted"})
    held = table.row("a")
    table.update({"state": "returned"}, doc_ids=["a"])  # type: ignore[list-item]
    assert (held, table.row("a")) == ({"state": "submitted"}, {"state": "returned"})


def test_an_insert_touches_one_row_however_many_there_are() -> None:
    table, told = a_table()
    table.load({str(number): {"n": number} for number in range(1000)})
    table.insert(Document({"n": 1000}, doc_id="1000"))  # type: ignore[arg-type]
    assert told == [("1000", None, {"n": 1000})]
    table.truncate()
    assert (len(table), len(told)) == (0, 1002)
