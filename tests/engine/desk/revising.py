"""何信 proposes a revision, the departments agree, 唐主任 orders its publication and 沈青 publishes it."""

from __future__ import annotations

import json
from typing import Any

from engine.desk import version_drafts
from engine.desk.desk import Receipt
from engine.version_ports import VersionDraft
from tests.engine.desk.office import FANG, HE, SHEN, TANG, WANG, Office

REVISION = "regulation_revision"
STREET = {
    "title": "现住街道",
    "type": "string",
    "maxLength": 40,
    "x-class": "customer",
    "x-sensitivity": "none",
    "x-seal": "other",
    "x-index": "none",
}


def street_draft(office: Office, version: str = "1.1.0") -> VersionDraft:
    """A draft of the entry form with an optional field more, free of problems."""
    draft = version_drafts.begin(office.desk, office.actors[HE], "info_entry", version)
    schema, layout, locale = (
        json.loads(draft.files[name]) for name in ("schema.json", "layout.json", "locale/en.json")
    )
    schema["properties"]["statement"]["properties"]["street_name"] = STREET
    section = next(one for one in layout["sections"] if one["pointer"] == "/statement")
    section["rows"].append([{"p": "/statement/street_name", "w": 12, "widget": "text"}])
    locale["/statement/street_name"] = "street"
    files = {"schema.json": schema, "layout.json": layout, "locale/en.json": locale}
    texts = {name: json.dumps(value, ensure_ascii=False) for name, value in files.items()}
    texts["CHANGES.md"] = "# 1.1.0\n\nR5.6.1: 现住街道。\n"
    return version_drafts.save(office.desk, office.actors[HE], draft.id, draft.revision, texts)


def line(draft: VersionDraft, **more: Any) -> dict[str, Any]:
    """What a proposal says of one form version; the rest is the system's to write."""
    said = {
        "draft": draft.id,
        "clause": "R5.6.1",
        "kind": "compatible",
        "migration": "none",
        "drafts": "lift",
    }
    return {**said, **more}


def proposal(*lines: dict[str, Any], effective_on: str = "", **more: Any) -> dict[str, Any]:
    """The answers of a revision that changes form versions."""
    answers: dict[str, Any] = {
        "base": {"regulation_version": "1.0.0", "new_version": "1.1.0"},
        "reason": {
            "kind": "business_change",
            "text": "街道承担上门服务对接，录入表须记录参保人所在街道，便于派单和回访。",
        },
        "impact": {"forms": ["info_entry"], "schema_changes": list(lines)},
        "reviews": [
            {"dept_code": "business_acceptance", "required": True},
            {"dept_code": "audit", "required": True},
        ],
    }
    if effective_on:
        answers["publish"] = {"effective_on": effective_on}
    return {**answers, **more}


def propose(office: Office, answers: dict[str, Any], who: str = HE, **more: Any) -> Receipt:
    """File a proposal."""
    return office.submit(who, answers, form=REVISION, **more)


def agreed(office: Office, answers: dict[str, Any]) -> str:
    """A proposal that both departments agreed to."""
    doc = propose(office, answers).doc
    office.decide(HE, doc, "send")
    office.decide(WANG, doc, "agree")
    office.decide(FANG, doc, "agree_last")
    return doc


def published(office: Office, answers: dict[str, Any]) -> str:
    """A proposal that two people published."""
    doc = agreed(office, answers)
    office.decide(TANG, doc, "order_publication")
    office.decide(SHEN, doc, "publish")
    return doc
