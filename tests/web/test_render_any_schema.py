"""The page drawn from a schema of any kind sends a valid value back as it was; a browser keeps from sight
what was not chosen."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from forms.compile import compile_schema
from forms.decode import decode
from tests.forms.any_schema import BY_KIND
from tests.forms.generated import from_schema
from tests.forms.test_round_trip import shown
from tests.web.entry_office import PageForm
from web.render import render_schema

# What is read only is shown and not sent; the desk keeps it (web.workbench).
SENT_BACK = sorted(set(BY_KIND) - {"content"})


@pytest.mark.parametrize("kind", SENT_BACK)
def test_a_page_of_each_kind_of_schema_sends_a_valid_value_back(kind: str) -> None:
    schema = BY_KIND[kind]
    model = compile_schema(schema)

    @settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
    @given(from_schema(schema))
    def holds(value: Any) -> None:
        if value is None:
            return
        page = render_schema(schema, data=value)
        assert shown(decode(model, PageForm(page).pairs()).answers) == shown(value)

    holds()


def test_a_problem_inside_an_alternative_stands_at_its_own_control() -> None:
    page = render_schema(BY_KIND["oneOf of objects"], data={"k": "b"})
    assert '<span class="error" id="f-.7e.00-no-error">' in page
    assert page.count("填写no") == 2


def test_a_problem_of_a_member_that_is_not_asked_stands_at_the_alternatives() -> None:
    kinds = [
        {"type": "object", "required": ["k"], "properties": {"k": {"const": k, "minLength": 2}}} for k in "ab"
    ]
    page = render_schema(
        {"type": "object", "properties": {"p": {"title": "方式", "oneOf": kinds}}}, data={"p": {"k": "a"}}
    )
    assert '<span class="error" id="f-p-.7e.00-error">' in page


def test_a_value_of_a_map_that_is_wrong_is_marked_in_its_row() -> None:
    page = render_schema(BY_KIND["a map"], data={"甲": 1, "乙": "x"})
    assert 'id="f-.7e.0more-1-.7e.0value-error"' in page


def test_a_blank_form_begins_with_the_defaults_of_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"default": "甲", "type": "string"}, "b": {"type": "string"}},
    }
    model = compile_schema(schema)
    assert decode(model, PageForm(render_schema(schema)).pairs()).answers == {"a": "甲"}


def test_what_keeps_a_schema_from_being_published_is_said_above_its_form() -> None:
    page = render_schema({"type": "object", "properties": {"a": {"type": "string", "pattern": r"^\s+$"}}})
    assert "/properties/a/pattern" in page
    assert r"“\s”" in page
