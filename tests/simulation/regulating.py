"""R6.10, R7.3: a round of opinions with its report; a revision that brings a new version of the entry form.

Decides what is said and what changes: entries may name the street, from a day in mid-quarter on.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from tests.simulation.quarter import Quarter
from tests.simulation.seats import Unexpected
from tests.simulation.staff import HEADS, SHENQING, STAFF, XIAOLIN, ZHULIN

OPINION, REPORT, REVISION = "opinion", "feedback_report", "regulation_revision"
TOPICS = ("query", "entry", "permission")
STREET = {
    "title": "现住街道",
    "type": "string",
    "maxLength": 40,
    "x-class": "customer",
    "x-sensitivity": "none",
    "x-seal": "other",
    "x-index": "none",
}


@dataclass
class Round:
    """A round of opinions: its report, and what was said."""

    quarter: Quarter
    doc: str = ""
    said: list[tuple[Any, str, str]] = field(default_factory=list)

    def open(self, days: int = 12) -> None:
        """朱琳 asks all departments."""
        life, first = self.quarter, self.quarter.now.date()
        opinion = self._opinion("query", anonymous=False)
        life.line.submit(XIAOLIN, OPINION, opinion, refusal="answers")  # no round is open
        asked = {
            "round_no": "2026-H1",
            "regulation_version": "1.0.0",
            "open_from": first.isoformat(),
            "open_to": (first + timedelta(days=days)).isoformat(),
            "asked_depts": ["business_acceptance", "audit", "claims", "it", "external"],
        }
        receipt = life.line.submit(ZHULIN, REPORT, {"round": asked})
        self.doc = life.filed(ZHULIN, REPORT, receipt)["doc"]

    def speak(self, count: int) -> None:
        """People of all departments say what they think, some without their names."""
        life = self.quarter
        able = [one.staff_no for one in STAFF if one.role != "info_manager"]
        for _ in range(count):
            who = life.rng.choice(able)
            topic = life.rng.choice(TOPICS)
            answers = self._opinion(topic, life.rng.random() < 0.3)
            receipt = life.filed(who, OPINION, life.line.submit(who, OPINION, answers))
            self.said.append((receipt, who, topic))
        life.line.submit(ZHULIN, OPINION, self._opinion("query", False), refusal="begin")

    def _opinion(self, topic: str, anonymous: bool) -> dict[str, Any]:
        return {
            "author": {"anonymous": anonymous},
            "content": {
                "topic": topic,
                "priority": self.quarter.rng.choice(["low", "normal", "high"]),
                "problem": "部门主管外出时审批无人办理，影响当日服务。",
                "suggestion": "建议明确代理审批的登记办法和有效期限。",
            },
        }

    def accept(self) -> None:
        """Information management takes each opinion in hand."""
        for number, (receipt, who, topic) in enumerate(self.said):
            self.said[number] = (self.quarter.line.take(SHENQING, receipt, "accept"), who, topic)

    def report(self) -> None:
        """Every opinion in one group, a reply to each; the head issues."""
        life, line = self.quarter, self.quarter.line
        found = line.read(ZHULIN, self.doc)
        if found["state"] != "analysing":
            raise Unexpected(f"the round did not close by itself: {found['state']}")
        answers = found["answers"]
        groups = {topic: [one["doc_id"] for one, _, of in self.said if of == topic] for topic in TOPICS}
        answers["groups"] = [self._group(topic, ids) for topic, ids in groups.items() if ids]
        answers["conclusion"] = {
            "text": "本批意见集中在查询审批和录入两方面，已逐件处理并答复。",
            "needs_revision": False,
            "publish_scope": "departments",
        }
        line.submit(ZHULIN, REPORT, answers, doc=self.doc, expected_head=found["head"])
        found = line.read(ZHULIN, self.doc)
        line.take(ZHULIN, found, "submit")
        line.decide(HEADS["info_mgmt"], self.doc, "issue")
        receipt, who, _ = self.said[0]
        answered = line.read(who, receipt["doc"])
        line.take(who, answered, "rate", {"rating": "satisfied"})
        again = line.read(who, receipt["doc"])
        line.take(who, again, "rate", {"rating": "satisfied"}, refusal="guard.once")
        life.done["rounds reported"] += 1

    def _group(self, topic: str, ids: list[str]) -> dict[str, Any]:
        return {
            "topic": topic,
            "opinion_doc_ids": ids,
            "analysis": "审批滞后的意见集中，情况属实。",
            "handling": "adopted",
            "action": "登记代理审批人及期限",
            "owner_dept": "info_mgmt",
            "due_date": (self.quarter.now.date() + timedelta(days=60)).isoformat(),
            "reply": "意见已采纳，代理审批办法将于季末前施行。",
        }


@dataclass
class Revision:
    """A new version of the entry form, from its draft to the day it comes into force."""

    quarter: Quarter
    draft: str = ""
    doc: str = ""
    effective_on: str = ""

    def write(self) -> None:
        """朱琳 writes the version at her browser, file by file."""
        line = self.quarter.line
        line.press(XIAOLIN, "/versions/drafts", [("form", "info_entry")], status=403)
        chosen = [("form", "info_entry"), ("version", "1.0.0"), ("step", "minor")]
        place, _ = line.press(ZHULIN, "/versions/drafts", chosen)
        self.draft = place.rpartition("/")[2]
        schema = self._text("schema.json")
        schema["properties"]["statement"]["properties"]["street_name"] = STREET
        self._save("schema.json", schema)
        layout = self._text("layout.json")
        section = next(one for one in layout["sections"] if one["pointer"] == "/statement")
        section["rows"].append([{"p": "/statement/street_name", "w": 12, "widget": "text"}])
        self._save("layout.json", layout)
        locale = self._text("locale/en.json")
        locale["/statement/street_name"] = "street"
        self._save("locale/en.json", locale)
        self._save("CHANGES.md", "# 1.1.0\n\nR5.6.1: 现住街道。\n")

    def _page(self, name: str) -> str:
        return self.quarter.line.page(ZHULIN, f"/versions/drafts/{self.draft}/files/{name}")

    def _text(self, name: str) -> Any:
        found = re.search(r'<textarea[^>]*name="text"[^>]*>(.*?)</textarea>', self._page(name), re.S)
        if found is None:
            raise Unexpected(f"{name} is not on its page")
        return json.loads(html.unescape(found[1]))

    def _save(self, name: str, value: Any) -> None:
        revision = re.search(r'name="_revision" value="(\d+)"', self._page(name))
        if revision is None:
            raise Unexpected(f"{name} cannot be saved")
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        pairs = [("_revision", revision[1]), ("text", text), ("_save", "1")]
        self.quarter.line.press(ZHULIN, f"/versions/drafts/{self.draft}/files/{name}", pairs)

    def propose(self, effective_on: str) -> None:
        """The proposal goes to the two departments that work with the form."""
        life, line, self.effective_on = self.quarter, self.quarter.line, effective_on
        change = {
            "draft": self.draft,
            "clause": "R5.6.1",
            "kind": "compatible",
            "migration": "none",
            "drafts": "lift",
        }
        answers = {
            "base": {"regulation_version": "1.0.0", "new_version": "1.1.0"},
            "reason": {
                "kind": "business_change",
                "text": "街道承担上门服务对接，录入表须记录参保人所在街道，便于派单和回访。",
            },
            "impact": {"forms": ["info_entry"], "schema_changes": [change]},
            "reviews": [
                {"dept_code": "business_acceptance", "required": True},
                {"dept_code": "audit", "required": True},
            ],
            "publish": {"effective_on": effective_on},
        }
        receipt = life.filed(ZHULIN, REVISION, line.submit(ZHULIN, REVISION, answers))
        self.doc = receipt["doc"]
        line.take(ZHULIN, receipt, "send")

    def agree(self) -> None:
        """Both heads agree; whom nobody asked may not."""
        line = self.quarter.line
        found = line.read(HEADS["claims"], self.doc)
        line.take(HEADS["claims"], found, "agree", refusal="rule")
        given = line.take(HEADS["business_acceptance"], found, "agree")
        line.take(HEADS["audit"], given, "agree_last")

    def publish(self) -> None:
        """One orders it, another publishes; the proposer cannot."""
        line = self.quarter.line
        line.take(SHENQING, line.read(SHENQING, self.doc), "order_publication")
        line.decide(ZHULIN, self.doc, "publish", status=403)
        line.decide(HEADS["info_mgmt"], self.doc, "publish")
        self.quarter.done["versions published"] += 1


