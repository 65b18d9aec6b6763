"""Who agrees to a revision: heads of required departments, once each and anew after a correction.

高洁 proposes; 林章 heads business acceptance, 王局 heads audit.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.errors import Invalid, NotAllowed
from engine.lifecycle.advance import Advance, advance
from engine.lifecycle.people import Actor, Grant
from engine.lifecycle.standing import Standing, Step
from engine.lifecycle.workflow import parse_workflow
from tests.engine.lifecycle.people_of import (
    GAOJIE,
    LINZHANG,
    WANGJU,
    ZHOUMIN,
    WeekCalendar,
    around,
    person,
    standing,
    step_of,
)
from tests.schemas import reading

FORM = reading.compiled("regulation_revision", "1.0.0")
DATA: dict[str, Any] = reading.read("regulation_revision", "1.0.0", "examples", "ok-1-form-version.json")[
    "data"
]


def under_review(*agreed: Actor, again: tuple[Actor, ...] | None = None) -> Standing:
    """A revision of 高洁 before the departments; with `again` it was returned, and these agreed anew."""
    rounds = [agreed] if again is None else [agreed, again]
    steps: list[Step] = []
    for number, heads in enumerate(rounds):
        at = f"2026-11-2{number}T02:00:00Z"
        source = "draft" if number == 0 else "returned"
        steps.append(step_of(len(steps) + 1, "propose", source, "proposed", GAOJIE, at))
        steps.append(step_of(len(steps) + 1, "send", "proposed", "under_review", GAOJIE, at))
        steps += [
            step_of(len(steps) + n, "agree", "under_review", "under_review", head, at)
            for n, head in enumerate(heads, 1)
        ]
        if number + 1 < len(rounds):
            steps.append(step_of(len(steps) + 1, "disagree", "under_review", "returned", WANGJU, at))
    whose: dict[str, Any] = {"created_by": GAOJIE.person, "submitted_by": GAOJIE.person, "collector": ""}
    form: dict[str, Any] = {"form": "regulation_revision", "unit": "info_mgmt"}
    return replace(standing("under_review"), steps=tuple(steps), **whose, **form)


def taken(name: str, who: Actor, where: Standing, **answers: Any) -> Advance:
    return advance(FORM, where, name, who, answers, around(DATA), WeekCalendar())


def refused(name: str, who: Actor, where: Standing, **answers: Any) -> str:
    with pytest.raises(NotAllowed) as raised:
        taken(name, who, where, **answers)
    return raised.value.code


def test_the_first_department_agrees_and_the_last_concludes() -> None:
    assert taken("agree", LINZHANG, under_review()).target_state == "under_review"
    assert taken("agree_last", WANGJU, under_review(LINZHANG)).target_state == "approved"


def test_one_department_does_not_conclude_alone_nor_agree_twice() -> None:
    assert refused("agree_last", LINZHANG, under_review()) == "guard"
    assert refused("agree", LINZHANG, under_review(LINZHANG)) == "rule"
    assert refused("agree", WANGJU, under_review(LINZHANG)) == "guard"


def test_nobody_agrees_for_a_department_that_is_not_asked() -> None:
    claims = person("wu", "LP000001", "department_head", "claims")  # listed, but not required
    it = person("liang", "IT000001", "department_head", "it")
    assert [refused("agree", who, under_review()) for who in (claims, it, ZHOUMIN)] == [
        "rule",
        "rule",
        "role",
    ]


def test_who_heads_two_departments_acts_for_the_one_that_is_asked() -> None:
    both = replace(
        WANGJU,
        grants=(
            Grant("g_it", "department_head", "it", "310104", None, None),
            Grant("g_audit", "department_head", "audit", "310104", None, None),
        ),
    )

    step = taken("agree_last", both, under_review(LINZHANG))

    assert step.grant == both.grants[1]


def test_a_delegate_agrees_while_the_delegation_lasts() -> None:
    def delegate(until: str) -> Actor:
        grant = Grant("g_d", "department_head", "audit", "310104", "2026-11-01", until)
        return replace(ZHOUMIN, grants=(*ZHOUMIN.grants, grant))

    assert taken("agree", delegate("2026-11-30"), under_review()).grant == delegate("2026-11-30").grants[1]
    assert refused("agree", delegate("2026-11-22"), under_review()) == "role"


def test_the_proposer_reviews_nothing_even_as_a_head() -> None:
    head = Grant("g_h", "department_head", "audit", "310104", None, None)
    assert refused("agree", replace(GAOJIE, grants=(*GAOJIE.grants, head)), under_review()) == "K1"


def test_after_a_correction_earlier_consent_counts_no_more() -> None:
    where = under_review(LINZHANG, again=())

    assert refused("agree_last", WANGJU, where) == "guard"
    assert taken("agree", LINZHANG, where).target_state == "under_review"
    assert taken("agree_last", WANGJU, under_review(LINZHANG, again=(LINZHANG,))).target_state == "approved"


def test_a_disagreement_says_why() -> None:
    with pytest.raises(Invalid):
        taken("disagree", WANGJU, under_review())
    assert (
        taken("disagree", WANGJU, under_review(), comment="口径须与业务部门统一。").target_state == "returned"
    )
    assert (
        taken("reject", WANGJU, under_review(), comment="与现行法规不符，不同意。").target_state == "rejected"
    )


@pytest.mark.parametrize("does, publishes", [(["send_mail"], True), (["publish_forms"], False)])
def test_a_states_file_asks_only_for_what_the_system_can_do(does: list[str], publishes: bool) -> None:
    states = reading.read("regulation_revision", "1.0.0", "states.json")
    states["transitions"][0]["does"] = does
    if not publishes:
        del states["publishes"]

    with pytest.raises(Invalid) as raised:
        parse_workflow(states)

    assert {one.code for one in raised.value.problems} == {"transition.capability"}
