"""R4.5.2: the quarter's review of every department, a leaver and a mover; grants end and begin by two people.

Decides verdicts: everything is kept but one grant of 杜平 (who leaves in May) and that of 冯媛 (who moves to
claims in June). Whoever lost a right is refused at the next request.
"""

from __future__ import annotations

import re
from typing import Any

from tests.simulation.quarter import Quarter
from tests.simulation.seats import Unexpected
from tests.simulation.staff import (
    DUPING,
    FENGYUAN,
    GUOFANG,
    HEADS,
    HUMING,
    MACHAOQUN,
    QIANJIN,
    SHENQING,
    SUNHAO,
    UNIT,
)  # fmt: skip

REVIEW = "permission_review"
_NEXT = {"info_mgmt": "audit"}
_DOC = re.compile(r"/documents/([a-z2-7]{26})")


def waiting(life: Quarter, who: str, name: str) -> list[str]:
    """The documents in one of somebody's lists, as its page shows them."""
    return list(dict.fromkeys(_DOC.findall(life.line.page(who, f"/inbox/{name}"))))


def attest_all(life: Quarter) -> list[str]:
    """Every head judges the review that opened by itself; own grants are judged by the next level.

    Partners have no head among us: their grants are the next level's to judge.
    """
    docs = []
    reviewers = {**HEADS, "external": HEADS["info_mgmt"]}
    for unit, head in reviewers.items():
        for doc in waiting(life, head, f"{REVIEW}.opened.attest"):
            found = life.line.read(head, doc)
            if found["answers"]["round"]["dept_code"] == unit:
                life.filed(head, REVIEW, found)
                _judge(life, head, doc, {})
                docs.append(doc)
    if len(docs) != len(reviewers):
        raise Unexpected(f"{len(docs)} reviews opened by themselves, not {len(reviewers)}")
    for doc in docs:
        _confirm(life, doc)
    return docs


def _judge(life: Quarter, who: str, doc: str, verdicts: dict[str, dict[str, Any]]) -> None:
    """Verdicts on everybody but oneself, or on those whom nobody judged."""
    found = life.line.read(who, doc)
    answers = found["answers"]
    kept = {"verdict": "keep", "reason": "岗位未变，权限仍需使用"}
    for line in answers["grants"]:
        if line["staff_no"] == who or "verdict" in line:
            continue
        line |= verdicts.get(line["staff_no"], kept)
    answers["summary"] = {"text": "逐项审查完毕，权限设置合理。"}
    life.line.submit(who, REVIEW, answers, doc=doc, expected_head=found["head"])


def _confirm(life: Quarter, doc: str) -> None:
    head = life.papers[doc][1]
    found = life.line.read(head, doc)
    if any("verdict" not in line for line in found["answers"]["grants"]):
        life.line.decide(head, doc, "confirm", status=403)  # K1: not before the next level has judged
        above = HEADS[_NEXT.get(UNIT[head], "info_mgmt")]
        _judge(life, above, doc, {})
    life.line.decide(head, doc, "confirm")


def carry_out(life: Quarter, docs: list[str]) -> None:
    """IT executes, the audit administrator checks, information management closes."""
    line = life.line
    for doc in docs:
        found = line.read(SUNHAO, doc)
        line.take(HUMING, found, "execute", refusal="step_up")
        line.decide(SUNHAO, doc, "execute")
        found = line.read(HUMING, doc)
        line.take(HUMING, found, "verify")
        found = line.read(SHENQING, doc)
        line.take(SHENQING, found, "close")
        life.done["reviews closed"] += 1


def ends(life: Quarter, kind: str, who: str, executor: str = QIANJIN) -> None:
    """A review of one person who leaves or moves: opened, judged, carried out on the same day."""
    head = HEADS[UNIT[who]]
    campaign = {"period": "2026-Q2", "kind": kind, "dept_code": UNIT[who], "person_staff_no": who}
    opened = life.filed(GUOFANG, REVIEW, life.line.submit(GUOFANG, REVIEW, {"round": campaign}))
    life.line.call(who, "GET", "/documents?limit=1")  # still there in the morning
    reason = "已离开本单位" if kind == "leaver" else "已转岗，原岗位权限不再需要"
    doc = opened["doc"]
    _judge(life, head, doc, {who: {"verdict": "revoke", "reason": reason}})
    life.line.decide(head, doc, "confirm")
    life.line.decide(executor, doc, "execute")
    found = life.line.read(HUMING, doc)
    life.line.take(HUMING, found, "verify")
    life.line.take(SHENQING, life.line.read(SHENQING, doc), "close")
    life.done[kind] += 1


def leave(life: Quarter) -> None:
    """杜平 leaves: the account and its token end at once."""
    ends(life, "leaver", DUPING)
    life.line.call(DUPING, "GET", "/documents", refusal="token.unknown")


def move(life: Quarter) -> None:
    """冯媛 moves from audit to claims: the old right ends, the new one needs two administrators."""
    ends(life, "mover", FENGYUAN)
    listed = life.line.page(GUOFANG, "/people")
    person = next(
        one for one in dict.fromkeys(re.findall(r"/people/(p_[a-z2-7]+)", listed))
        if FENGYUAN in life.line.page(GUOFANG, f"/people/{one}")
    )  # fmt: skip
    place = f"/people/{person}"
    life.line.press(GUOFANG, f"{place}/propose-grant", [("role", "claims_officer"), ("unit", "claims")])
    proposal = re.search(r'name="proposal" value="([^"]+)"', life.line.page(MACHAOQUN, place))
    if proposal is None:
        raise Unexpected("no proposal waits for a second administrator")
    life.line.press(MACHAOQUN, f"{place}/confirm", [("proposal", proposal[1])])
    life.done["moved"] += 1
