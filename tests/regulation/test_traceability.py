"""Every clause has its tests, and the page that says so is true."""

from __future__ import annotations

from tests.regulation.traceability import PAGE, clauses, page, told
from tests.schemas.reading import compiled


def test_every_clause_has_a_test_named_after_it() -> None:
    names = [str(row["clause"]) for row in clauses()]

    assert [name for name in names if name not in {one.clause for one in told(names)}] == []


def test_the_forms_and_states_of_a_clause_exist() -> None:
    for row in clauses():
        forms = row.get("forms", [])
        assert isinstance(forms, list)
        for one in forms:
            states = compiled(one["form"], one["version"]).workflow.states
            assert (row["clause"], set(one["states"]) - set(states)) == (row["clause"], set())


def test_the_page_says_what_is_so_now() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m tests.regulation.traceability"
