"""The static checks of a workflow, each with the fault that raises it."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from engine.errors import Invalid
from engine.lifecycle.graph import check_workflow
from engine.lifecycle.people import ROLES
from engine.lifecycle.workflow import parse_workflow
from tests.schemas import reading

STATES: dict[str, Any] = {
    "initial": "draft",
    "states": {
        "draft": {"title": "草稿"},
        "submitted": {"title": "已提交"},
        "approved": {"title": "审核通过", "final": True},
    },
    "transitions": [
        {"name": "submit", "from": ["draft"], "to": "submitted", "by": {"roles": ["acceptance_clerk"]}},
        {
            "name": "approve",
            "from": ["submitted"],
            "to": "approved",
            "by": {"roles": ["auditor"]},
            "not_by": ["creator", "submitter", "collector"],
            "comment": "optional",
            "fields": ["/transition/accuracy"],
            "answers": {"type": "object", "properties": {"accuracy": {"const": True}}},
            "due": {"from": "submitted", "working_days": 3},
            "makes": ["review_record"],
        },
    ],
    "system": [],
    "kinds_of_record": {"review_record": {"title": "审核记录"}},
    "seal": {"classes": ["identity"]},
    "retention": {"class": "Y50"},
}


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    states = copy.deepcopy(STATES)
    change(states)
    return states


def codes(states: dict[str, Any]) -> list[str]:
    return [problem.code for problem in check_workflow(parse_workflow(states), ROLES)]


def test_a_sound_workflow_has_no_problems() -> None:
    assert codes(STATES) == []
    assert check_workflow(reading.compiled().workflow, ROLES) == []


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda s: s["transitions"][1].update({"to": "gone"}), "state.unknown"),
        (lambda s: s["states"].update({"island": {"title": "孤岛", "final": True}}), "state.unreachable"),
        (lambda s: s["states"]["approved"].pop("final"), "state.dead_end"),
        (lambda s: s["transitions"][1]["from"].append("approved"), "state.final_with_exit"),
        (lambda s: s["transitions"][1]["by"].update({"roles": ["nurse", "auditor"]}), "role.unknown"),
        (lambda s: s["transitions"][1]["by"].update({"roles": []}), "transition.nobody"),
        (lambda s: s["transitions"][1].update({"not_by": ["creator"]}), "transition.own_work"),
        (lambda s: s["transitions"][1].update({"comment": "maybe"}), "transition.comment"),
        (lambda s: s["transitions"][1]["due"].update({"working_days": 0}), "due.not_positive"),
        (lambda s: s["transitions"][1]["due"].update({"hours": 4}), "due.not_positive"),
        (lambda s: s["transitions"][1]["due"].update({"from": "gone"}), "due.unknown_state"),
        (lambda s: s["transitions"][1].update({"fields": []}), "field.undeclared"),
        (lambda s: s["transitions"][1]["fields"].append("/transition/gone"), "field.unused"),
        (lambda s: s["transitions"][1]["makes"].append("gone"), "makes.unknown"),
        (lambda s: s.update({"access": [{"roles": ["nurse"]}]}), "role.unknown"),
        (lambda s: s["seal"]["classes"].append("secret"), "seal.unknown"),
    ],
)
def test_each_fault_of_a_workflow_is_found(change: Callable[[dict[str, Any]], Any], code: str) -> None:
    assert code in codes(changed(change))


def test_a_file_may_say_why_people_decide_on_their_own_work() -> None:
    alone = changed(lambda s: s["transitions"][1].update({"not_by": [], "own_work": "一人机构，由上级抽查"}))
    assert codes(alone) == []


def test_withdrawing_ones_own_document_is_no_decision() -> None:
    own = {
        "name": "withdraw",
        "from": ["submitted"],
        "to": "approved",
        "by": {"roles": ["acceptance_clerk"], "same_as": "submitted_by"},
        "makes": ["review_record"],
    }
    assert codes(changed(lambda s: s["transitions"].append(own))) == []


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        (lambda s: s.pop("initial"), "/states", "workflow.malformed"),
        (lambda s: s.update({"transitions": {}}), "/transitions", "workflow.malformed"),
        (lambda s: s["transitions"][0].pop("to"), "/transitions/0", "workflow.malformed"),
        (lambda s: s["transitions"].append(s["transitions"][0]), "/transitions", "transition.duplicate"),
        (lambda s: s.update({"initial": "approved"}), "/initial", "workflow.no_beginning"),
        (
            lambda s: s["transitions"][1].update({"guards": [{"id": "g", "rule": "dat.x"}]}),
            "/transitions/1/guards/0/rule",
            "expression.unknown_name",
        ),
        (
            lambda s: s["transitions"][1]["by"].update({"rule": "actor."}),
            "/transitions/1/by/rule",
            "expression.syntax",
        ),
        (
            lambda s: s["transitions"][1].update({"answers": {"type": "no"}}),
            "/transitions/1/answers/type",
            "schema.invalid",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_at_its_place(
    change: Callable[[dict[str, Any]], Any], pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        parse_workflow(changed(change))
    assert (pointer, code) in [(one.pointer, one.code) for one in refused.value.problems]
