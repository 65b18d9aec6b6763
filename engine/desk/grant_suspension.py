"""Grants that nobody judged by the due date are suspended; a verdict gives them back (decision 0022).

Decides which: every grant without a verdict, but for those of the roles that the table keeps, whose holders
alone can judge and give rights. Those stay, are marked and go to the next level. A suspended grant has
ended in the register like any other; judged `keep`, the same right begins anew when the review is confirmed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.desk import grant_reviews, grant_verdicts
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.identity import utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.granting import GrantReview
from engine.lifecycle.people import Actor
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm

NOT_SUSPENDED = "not_suspended"


@dataclass(frozen=True, slots=True)
class Suspension(Effect):
    """Grants without a verdict, ready to be suspended; `told` is what the document says of it afterwards."""

    rules: GrantReview
    lines: tuple[Mapping[str, Any], ...]
    spared: frozenset[str]  # roles
    told: dict[str, Any] = field(default_factory=dict)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """End each and mark it; the body of the step's event names what ended and what was spared."""
        now = utc_text(desk.clock.now())
        who = grant_verdicts.acting(actor, step)
        lines, ended, spared = [], [], []
        for line in self.lines:
            mark: dict[str, str] = {}
            if _is_waiting(line) and line["role"] in self.spared:
                mark = {"escalated_at": line.get("escalated_at", now)}
                spared.append(line["grant_id"])
            elif _is_waiting(line):
                mark = {"suspended_at": now}
                account = desk.directory.by_staff_no(line["staff_no"])
                if account is not None and grant_verdicts.grant_of(account, line["grant_id"]) is not None:
                    grant_verdicts.end(desk, who, account, line["grant_id"], unlock, leaves=False)
                    ended.append(line["grant_id"])
            lines.append({**line, **mark})
        if lines != [dict(line) for line in self.lines]:
            self.told[self.rules.lines] = lines
        return {"ended": ended, "spared": spared}


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Suspension:
    """What nobody judged in time, ready to be suspended (C.7)."""
    rules = grant_verdicts.rules_of(form)
    spared = frozenset(form.tables[rules.table][NOT_SUSPENDED])
    return Suspension(rules, tuple(grant_reviews.lines_of(rules, answers)), spared)


@dataclass(frozen=True, slots=True)
class Return(Effect):
    """Suspended grants that were judged to be kept, ready to be given back."""

    rules: GrantReview
    lines: tuple[Mapping[str, Any], ...]
    told: dict[str, Any] = field(default_factory=dict)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Give each back under a new id; the body of the step's event names them, old and new."""
        now, lines, returned = utc_text(desk.clock.now()), [], {}
        for line in self.lines:
            name = self._give_back(desk, line)
            if name:
                returned[line["grant_id"]] = name
                line = {**line, "restored_at": now, "restored_as": name}
            lines.append(dict(line))
        if not returned:
            return {}
        self.told[self.rules.lines] = lines
        return {"restored": returned}

    def _give_back(self, desk: Desk, line: Mapping[str, Any]) -> str:
        if "suspended_at" not in line or "restored_at" in line or line.get("verdict") != grant_verdicts.KEEP:
            return ""
        account = desk.directory.by_staff_no(line["staff_no"])
        if account is None or not account.active:
            return ""  # who has left in the meantime gets nothing back
        fresh = {**grant_verdicts.frozen_grant(line), "id": grant_verdicts.fresh_id(desk)}
        return grant_verdicts.give(desk, account, fresh)


def prepare_return(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Return:
    """What was suspended and is to be kept, ready to be given back."""
    rules = grant_verdicts.rules_of(form)
    return Return(rules, tuple(grant_reviews.lines_of(rules, answers)))


def _is_waiting(line: Mapping[str, Any]) -> bool:
    return "verdict" not in line and "suspended_at" not in line
