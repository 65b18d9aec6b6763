"""A page drawn from any schema sends back the value it was drawn with: what `fengjian render` prints is a
real form."""

from __future__ import annotations

from typing import Any

import pytest

from forms.compile import compile_schema
from forms.decode import decode
from tests.forms.entry_form import EXAMPLES, entry_model, example
from tests.forms.test_round_trip import CORNERS, LITTLE, PERSON, shown
from tests.web.entry_office import PageForm
from web.render import render_schema


def sent_back(schema: Any, value: Any) -> Any:
    return decode(compile_schema(schema), PageForm(render_schema(schema, data=value)).pairs())


@pytest.mark.parametrize("value", CORNERS, ids=shown)
def test_a_drawn_value_is_sent_back_as_it_was(value: Any) -> None:
    decoded = sent_back(PERSON, value)
    assert shown(decoded.answers) == shown(value)


@pytest.mark.parametrize(
    ("schema", "value"),
    list(
        zip(
            LITTLE,
            ([{"n": 1, "more": [None]}, {}], "一\n二", None, [[1], []], {"xy": "1", "": ""}, {"a": [1.5]}),
            strict=True,
        )
    ),
    ids=lambda value: shown(value)[:30],
)
def test_a_value_of_any_schema_is_sent_back_as_it_was(schema: Any, value: Any) -> None:
    assert shown(sent_back(schema, value).answers) == shown(value)


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_of_the_entry_form_is_sent_back_without_its_computed_values(name: str) -> None:
    model, value = entry_model(), example(name)
    schema = dict(model.root.schema)
    decoded = decode(model, PageForm(render_schema(schema, data=value)).pairs())
    assert shown(decoded.answers) == shown(without_computed(value))


def without_computed(value: Any, pointer: str = "") -> Any:
    model = entry_model()
    if isinstance(value, dict):
        kept = {key: without_computed(part, f"{pointer}/{key}") for key, part in value.items()}
        return {
            key: part
            for key, part in kept.items()
            if not ((node := model.node(f"{pointer}/{key}")) and node.computed)
        }
    return value


def test_text_of_the_data_is_text_on_the_page() -> None:
    page = render_schema(
        {"type": "object", "properties": {"a": {"type": "string"}}}, data={"a": "<script>alert(1)</script>"}
    )
    assert "<script" not in page


def test_a_part_without_controls_says_that_it_is_filled_in_as_json() -> None:
    page = render_schema(
        {"type": "object", "properties": {"a": {"prefixItems": [{}], "items": {"type": "string"}}}}
    )
    assert "项数不定，这里按 JSON 填写" in page
