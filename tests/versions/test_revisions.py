"""The revisions of domain.md part D, each as a version with its verdict and its lift."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.registry.shape import compile_shape
from engine.versions.comparison import compare
from engine.versions.lift import apply, chain, parse_lift
from engine.versions.lift_check import check_lift, is_excused, problems_of_lifted
from engine.versions.numbering import is_understated
from tests.forms.generated import from_schema
from tests.schemas import reading
from tests.versions.revisions import Revision, all_versions, before, revisions

NAMED = revisions()
ALL = all_versions()
FORMS = sorted({one.form for one in ALL.values()})
# The rows of the table in domain.md part D.
TABLE = ("Entry", "Entry 2", "Update", "Query", "Query result", "Inspection", "Feedback", "Rectification")
TABLE += ("Permission review", "Revision", "Opinion")  # type: ignore[assignment]
# Two rows call a change incompatible under which every old document stays valid: a choice gets one option
# more. What changes is what the older options mean, so the editor declares it.
DECLARED = {"Feedback v2.0", "Rectification v2.0"}
EXAMPLES = settings(
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)


def documents(one: Revision) -> Any:
    """Generated documents of a version."""
    shape = compile_shape(one.bundle.schema)
    return from_schema(one.bundle.schema).filter(shape.is_valid)


def test_every_row_of_the_table_has_a_revision_of_each_kind() -> None:
    kinds = {row: set() for row in TABLE}  # type: dict[str, set[str]]
    for one in NAMED.values():
        label = one.expected["revision"]
        kinds[label.rpartition(" ")[0]].add("incompatible" if label in DECLARED else one.expected["kind"])
    assert kinds == {row: {"compatible", "incompatible", "semantic"} for row in TABLE}
    assert len(NAMED) == 34


@pytest.mark.parametrize("name", ALL)
def test_the_files_are_what_the_meta_schemas_say(name: str) -> None:
    one = ALL[name]
    metas = {"annotations": one.bundle.schema, "lift": one.lift_file}
    for meta, value in metas.items():
        if value is not None:
            assert compile_shape(reading.read("_meta", f"{meta}.schema.json")).problems(value) == ()


@pytest.mark.parametrize("name", ALL)
def test_the_examples_are_valid(name: str) -> None:
    shape = compile_shape(ALL[name].bundle.schema)
    assert [shape.problems(example) for example in ALL[name].examples] == [()] * len(ALL[name].examples)
    assert ALL[name].examples


@pytest.mark.parametrize("name", NAMED)
def test_the_comparison_gives_the_verdicts(name: str) -> None:
    one = NAMED[name]
    old = before(one)
    found = compare(old.bundle, one.bundle)
    expected = one.expected
    assert {
        "old_documents": found.old_documents.verdict,
        "new_documents": found.new_documents.verdict,
        "smallest_version": found.smallest_version,
    } == {key: expected[key] for key in ("old_documents", "new_documents", "smallest_version")}
    if found.old_documents.verdict == "incompatible":
        assert compile_shape(old.bundle.schema).is_valid(found.old_documents.witness)
        assert not compile_shape(one.bundle.schema).is_valid(found.old_documents.witness)
    if "reason" in expected:
        assert found.old_documents.reason == expected["reason"]


@pytest.mark.parametrize("name", NAMED)
def test_the_number_says_what_the_verdict_and_the_editor_say(name: str) -> None:
    one = NAMED[name]
    assert not is_understated(one.expected["follows"], one.version, one.expected["number"])
    assert one.expected["number"] == (
        "major" if one.expected["kind"] == "semantic" else one.expected["smallest_version"]
    )


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, at) for name, one in NAMED.items() for at in range(len(one.expected["lifts"]))],
)
def test_old_answers_read_as_the_case_says(name: str, number: int) -> None:
    case = NAMED[name].expected["lifts"][number]
    assert compile_shape(before(NAMED[name]).bundle.schema).problems(case["old"]) == ()
    assert apply(NAMED[name].lift, case["old"]).as_json() == case["new"], case["says"]


@pytest.mark.parametrize("name", NAMED)
def test_the_lift_holds_on_every_example(name: str) -> None:
    one = NAMED[name]
    old = before(one)
    given_ = [(f"ok-{number}", answers) for number, answers in enumerate(old.examples, 1)]
    given_ += [(case["says"], case["old"]) for case in one.expected["lifts"]]
    assert check_lift(old.bundle.schema, one.bundle.schema, one.lift, given_) == ()


@pytest.mark.parametrize("name", NAMED)
def test_the_lift_holds_on_generated_documents(name: str) -> None:
    one = NAMED[name]
    shape, lift = compile_shape(one.bundle.schema), one.lift

    @EXAMPLES
    @given(documents(before(one)))
    def holds(answers: Any) -> None:
        assert problems_of_lifted(lift, answers, shape) == ()

    holds()


@pytest.mark.parametrize("form", FORMS)
def test_the_lifts_of_a_form_compose_from_the_first_version_to_the_last(form: str) -> None:
    versions = [one.version for one in ALL.values() if one.form == form]
    lifts = [parse_lift(one.lift_file) for one in ALL.values() if one.form == form and one.lift_file]
    whole = chain(form, versions, lifts, versions[0], versions[-1])
    shape = compile_shape(ALL[f"{form}/{versions[-1]}"].bundle.schema)
    steps = [NAMED[f"{form}/{version}"].lift for version in versions[1:]]

    @EXAMPLES
    @given(documents(ALL[f"{form}/{versions[0]}"]) | st.sampled_from(ALL[f"{form}/{versions[0]}"].examples))
    def holds(answers: Any) -> None:
        lifted = apply(whole, answers)
        wrong = [one for one in shape.problems(lifted.answers) if not is_excused(one, lifted.unknown_places)]
        assert wrong == []
        at = answers
        for step in steps:
            at = apply(step, at).answers
        assert at == lifted.answers

    holds()
