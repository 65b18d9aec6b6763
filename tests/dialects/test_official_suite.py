"""The official JSON Schema test suite: its schemas are drawn, its documents come back through the form, and
both validators judge every document alike, except where we refuse to publish."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.errors import Invalid
from engine.registry.shape import compile_shape
from forms.compile import compile_schema
from forms.decode import decode
from forms.encode import encode
from tests.dialects.official import Group, groups
from tests.forms.test_round_trip import shown
from web.render import render_schema

# Formats say nothing here unless they are ours (forms.md section 2).
UNSAID = ("optional/format", "format")


def leaves_the_document(group: Group) -> bool:
    """Whether the compiler of forms refuses the schema because it names another file."""
    try:
        compile_schema(group.schema)
    except Invalid as refused:
        assert {problem.code for problem in refused.problems} == {"schema.remote_reference"}, group.name
        return True
    return False


def test_every_schema_is_drawn_or_refused_because_it_names_another_file() -> None:
    outcome = Counter((group.describes_objects, leaves_the_document(group)) for group in groups())
    drawn, refused = outcome[True, False], outcome[True, True]
    print(f"{drawn} schemas that describe objects drawn, {refused} name another file; others: {outcome}")
    assert drawn > 200
    assert refused < 12
    assert outcome[False, False] > 400


def test_every_page_of_a_schema_that_describes_objects_is_written() -> None:
    pages = 0
    for group in groups():
        if not group.describes_objects:
            continue
        try:
            page = render_schema(group.schema)
        except Invalid as refused:
            codes = {problem.code for problem in refused.problems}
            assert codes == {"schema.remote_reference"}, (group.name, codes)
        else:
            pages += 1
            assert page.rstrip().endswith("</html>"), group.name
    assert pages > 200


def test_every_valid_document_comes_back_through_the_form_of_its_schema() -> None:
    lost = []
    for group in groups():
        if leaves_the_document(group):
            continue
        model = compile_schema(group.schema)
        for title, document, is_valid in group.cases:
            decoded = decode(model, encode(model, document))
            if is_valid and shown(decoded.answers) != shown(document):
                lost.append((group.name, title))
    assert lost == []


def test_the_validators_agree_on_every_document_of_every_schema_we_publish() -> None:
    documents: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    apart, wrong = [], []
    for group in groups():
        if isinstance(group.schema, bool):
            continue
        try:
            shape = compile_shape(group.schema)
        except Invalid as problem:
            refused[problem.problems[0].code] += 1
            continue
        for title, document, is_valid in group.cases:
            documents[group.dialect] += 1
            fast, explaining = shape.fast.is_valid(document), shape.explaining.is_valid(document)
            if fast is not explaining:
                apart.append((group.name, title, fast, explaining))
            elif fast is not is_valid and not group.keyword.startswith(UNSAID):
                wrong.append((group.name, title, fast))
    print(f"documents judged alike: {dict(documents)}; schemas refused: {dict(refused)}")
    assert apart == []
    assert wrong == []
    assert documents["draft7"] > 1_000
    assert documents["draft2020-12"] > 1_300
    assert set(refused) == {
        "schema.remote_reference",
        "schema.pattern",
        "schema.dialect",
        "keyword.engines_differ",
    }


@pytest.mark.parametrize("keyword", ["dependencies", "contentEncoding", "contentMediaType"])
def test_a_keyword_on_which_they_differ_is_differed_on(keyword: str) -> None:
    """The list is no longer than it has to be: what stands in it does differ."""
    differs = 0
    for group in groups():
        if isinstance(group.schema, dict) and keyword in str(group.schema):
            try:
                compile_shape(group.schema)
            except Invalid as refused:
                differs += any(problem.facts.get("keyword") == keyword for problem in refused.problems)
    assert differs > 0
