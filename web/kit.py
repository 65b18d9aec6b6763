"""Samples for the kit page: one invented thing of every kind, in every state it can be in.

Decides nothing that a real page shows. Everything here is made up; nobody and no document is behind it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from engine.errors import Problem
from forms.compile import compile_schema
from forms.shown import FormView
from forms.view import present
from web.decision_forms import Ask, DecisionForm
from web.document_view import Barred, Choices, TimelineRow
from web.labels import Deadline, Say, Tag
from web.pictures.states import Picture, Way, draw_states
from web.routes.lists import Row

TONES = ("neutral", "waiting", "working", "attention", "positive", "negative")

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "title": "样张",
    "additionalProperties": False,
    "required": ["plain", "wrong"],
    "properties": {
        "plain": {"type": "string", "title": "文字", "minLength": 2},
        "wrong": {"type": "string", "title": "有错的文字", "pattern": "^[0-9]{6}$"},
        "number": {"type": "integer", "title": "整数", "minimum": 0, "maximum": 10, "x-unit": "次"},
        "day": {"type": "string", "format": "date", "title": "日期"},
        "few": {
            "type": "string",
            "title": "少量选项",
            "enum": ["1", "2", "3"],
            "x-enum": {"1": "甲", "2": "乙", "3": "丙"},
        },
        "many": {"type": "string", "title": "较多选项", "enum": [f"{n:02d}" for n in range(1, 13)]},
        "tick": {"type": "boolean", "title": "是否"},
        "several": {
            "type": "array",
            "title": "多选",
            "uniqueItems": True,
            "items": {"type": "string", "enum": ["a", "b"], "x-enum": {"a": "其一", "b": "其二"}},
        },
        "long": {"type": "string", "title": "长文字", "maxLength": 500},
        "rows": {
            "type": "array",
            "title": "重复的行",
            "maxItems": 5,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    "code": {"type": "string", "title": "代码"},
                    "name": {"type": "string", "title": "名称"},
                },
            },
        },
    },
}
ANSWERS: Mapping[str, Any] = {
    "plain": "示范路",
    "wrong": "12a",
    "number": 3,
    "day": "2026-03-05",
    "few": "2",
    "many": "07",
    "tick": True,
    "several": ["a"],
    "long": "第一行",
    "rows": [{"code": "I69.300", "name": "脑梗死后遗症"}],
}


def sample_form(lang: str, say: Say) -> FormView:
    """A form with every kind of control, one of them wrong."""
    model = compile_schema(SCHEMA)
    problems = [
        Problem("/wrong", "pattern"),
        Problem("/plain", "sample", {}, "warning", say("decision.min_length")),
    ]
    return present(model, dict(ANSWERS), problems=problems, lang=lang)


def sample_rows(say: Say) -> list[Row]:
    """List rows in every tone and with every kind of deadline."""
    deadlines = (
        Deadline("", ""),
        Deadline(say("list.left", days=3), ""),
        Deadline(say("list.due_today"), "soon"),
        Deadline(say("list.overdue", days=2), "overdue"),
    )
    return [
        Row(
            doc="a" * 26,
            doc_no=f"长护录〔2026〕{number + 1}号",
            summary=("张*兰", "310199********026X"),
            form="样张",
            kind="首次评估申请",
            tag=Tag(tone, tone),
            who="林小燕",
            submitted_at="2026-03-05T02:10:00Z",
            deadline=deadlines[number % len(deadlines)],
            late=number == 2,
            overdue=number == 3,
        )
        for number, tone in enumerate(TONES)
    ]


def sample_picture() -> Picture:
    """A small workflow in the middle of its way."""
    titles = {"draft": "草稿", "waiting": "已提交", "working": "审核中", "back": "退回补正", "done": "已入库"}
    ways = [
        Way("draft", "waiting", "提交"),
        Way("waiting", "working", "领取"),
        Way("working", "back", "退回"),
        Way("back", "waiting", "提交"),
        Way("working", "done", "通过"),
    ]
    ahead = [Way("working", "back", "退回", "审核人员"), Way("working", "done", "通过", "审核人员")]
    return draw_states(
        titles, ways, "draft", "working", [("draft", "waiting"), ("waiting", "working")], ahead
    )


def sample_timeline(say: Say) -> list[TimelineRow]:
    """Two steps: one plain, one with a comment, marks and an answer."""
    plain = TimelineRow(
        seq=1,
        title="领取",
        tag=Tag("审核中", "working"),
        name="周敏",
        post=say("role.auditor"),
        unit=say("unit.audit"),
        at="2026-03-05T02:10:00Z",
        covers=say("timeline.covers_step"),
        event="0" * 64,
        index=6,
        comment="",
    )
    full = replace(
        plain,
        seq=2,
        title="退回补正",
        tag=Tag("退回补正", "attention"),
        covers=say("timeline.covers_content", fields=4, files=0),
        index=7,
        comment=say("decision.comment.min_length"),
        said=(("无利害关系", say("shell.yes")),),
        marks=(("手机号码", "/plain", "按身份证登记核对"),),
    )
    return [full, plain]


def sample_choices(say: Say) -> Choices:
    """Every kind of decision: plain, asking for everything, refused ones, and one that is not yours."""
    asks = (
        Ask("accuracy", "内容准确", "tick", True),
        Ask("ground", "情形", "choice", True, (("a", "甲"), ("b", "乙"))),
        Ask("on", "日期", "date", True),
        Ask("how", "说明", "text", True, (), "", 300),
        Ask("marks", "需补正之处", "marks", True),
    )
    return Choices(
        forms=(
            DecisionForm("take", "领取", "审核中", "working", "none", (), False),
            DecisionForm("full", "不予通过", "不予通过", "negative", "required", asks, True),
        ),
        barred=(Barred("审核通过", say("why.K1")),),
    )
