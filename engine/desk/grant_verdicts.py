"""Carrying out what a review of grants says, and checking that it was (R4.5.2b).

Decides that a right ends in the same critical section as the step that ends it: whoever asks next, with a
running session or a token, asks the directory and no longer has it. A grant that is gone already is not ended
twice, so that a step repeated after a crash goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.desk import ending, events, grant_reviews, rewrapping, ruling
from engine.desk.desk import Desk
from engine.desk.effect import Effect
from engine.errors import NotAllowed, NotFound, Problem
from engine.identity import base32, local_day, utc_text
from engine.lifecycle.advance import Advance
from engine.lifecycle.granting import GrantReview
from engine.lifecycle.people import Actor, covers
from engine.ports import Account
from engine.projection import DocumentRow
from engine.registry.compiled import CompiledForm
from engine.registry.functions import date_of, days
from engine.registry.pointers import look

KEEP, NARROW, REVOKE = "keep", "narrow", "revoke"


@dataclass(frozen=True, slots=True)
class Execution(Effect):
    """Verdicts ready to be carried out; `told` is what the document says of it afterwards."""

    rules: GrantReview
    lines: tuple[Mapping[str, Any], ...]
    ends_account: bool
    is_suspension: bool = False
    suspended: frozenset[str] = frozenset()
    told: dict[str, Any] = field(default_factory=dict)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """End or narrow each grant; the body of the step's event names the grants."""
        now, ended = utc_text(desk.clock.now()), []
        who = replace(actor, grants=(step.grant,) if step.grant is not None else ())
        lines = []
        for line in self.lines:
            if not self._concerns(line):
                lines.append(dict(line))
                continue
            if self._end(desk, who, line, unlock):
                ended.append(line["grant_id"])
            mark = (
                {"suspended_at": now} if self.is_suspension else {"done_at": now, "done_by": actor.staff_no}
            )
            lines.append({**line, **mark})
        if lines != [dict(line) for line in self.lines]:
            self.told[self.rules.lines] = lines
        return {"ended": ended}

    def _concerns(self, line: Mapping[str, Any]) -> bool:
        if self.is_suspension:
            return line["grant_id"] in self.suspended
        return line.get("verdict") in (NARROW, REVOKE)

    def _end(self, desk: Desk, who: Actor, line: Mapping[str, Any], unlock: str | None) -> bool:
        account = desk.directory.by_staff_no(line["staff_no"])
        found = _grant(account, line["grant_id"])
        if account is None or found is None:
            return False
        if line.get("verdict") == NARROW and not self.is_suspension:
            account = replace(account, grants=(*account.grants, _narrowed(desk, found, line)))
            desk.directory.save(account)
        leaves = self.ends_account and {one["id"] for one in account.grants} == {line["grant_id"]}
        kind = ending.DISMISS if leaves else ending.REVOKE
        person = {"person": account.person}
        body = {**person, "key": account.public_key} if leaves else {**person, "grant": line["grant_id"]}
        events.append(desk, rewrapping.note(desk, kind, body, who), unlock, _nothing)
        ending.carry_out(desk, account, kind, body)
        return True


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Execution:
    """The verdicts of a review, ready. Raises NotFound for a form that reviews no grants."""
    rules = _rules(form)
    lines = tuple(grant_reviews.lines_of(rules, answers))
    leaves = look(answers, rules.kind) in rules.ends_account
    return Execution(rules, lines, leaves and all(one.get("verdict") == REVOKE for one in lines))


def prepare_suspension(
    desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]
) -> Execution:
    """Unused grants that nobody judged in time, ready to be ended (C.7).

    Never those of the roles that the table keeps: without them nobody could judge, or give a right back.
    """
    rules, table = _rules(form), ruling.tables_of(desk, form)[_rules(form).table]
    lines = tuple(grant_reviews.lines_of(rules, answers))
    unused_days = table["unused_days"]
    taken = date_of(str(look(answers, rules.taken_at)))
    found = frozenset(
        line["grant_id"]
        for line in lines
        if "verdict" not in line
        and "suspended_at" not in line
        and line["role"] not in table["not_suspended"]
        and days(line.get("last_used_on") or line.get("granted_on") or taken, taken) >= unused_days
    )
    return Execution(rules, lines, False, is_suspension=True, suspended=found)


@dataclass(frozen=True, slots=True)
class Check(Effect):
    """That a review was carried out, asked when the step is prepared and again inside the section."""

    rules: GrantReview
    answers: Mapping[str, Any]

    def confirm(self, desk: Desk) -> None:
        """Raises NotAllowed("review.not_done") with the grants that are still there."""
        problems = tuple(_not_done(desk, self.rules, self.answers))
        if problems:
            raise NotAllowed("review.not_done", problems=problems)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """Nothing but to say which grants were found gone."""
        lines = grant_reviews.lines_of(self.rules, self.answers)
        return {"gone": [one["grant_id"] for one in lines if "done_at" in one]}


def prepare_check(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Check:
    """Raises as `Check.confirm`."""
    found = Check(_rules(form), answers)
    found.confirm(desk)
    return found


def _not_done(desk: Desk, rules: GrantReview, answers: Mapping[str, Any]) -> Iterator[Problem]:
    lines = grant_reviews.lines_of(rules, answers)
    if grant_reviews.digest_of(lines) != look(answers, rules.digest):
        yield Problem(rules.digest, "review.snapshot_differs")
    for place, line in enumerate(lines):
        if line.get("verdict") not in (NARROW, REVOKE):
            continue
        account = desk.directory.by_staff_no(line["staff_no"])
        if _grant(account, line["grant_id"]) is not None or "done_at" not in line:
            yield Problem(f"{rules.lines}/{place}", "review.not_done", {"grant": line["grant_id"]})


def _grant(account: Account | None, name: str) -> Mapping[str, Any] | None:
    held = account.grants if account is not None and account.active else ()
    return next((one for one in held if one["id"] == name), None)


def _narrowed(desk: Desk, grant: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    """The same right under a new id: until an earlier day, in a smaller region, or both; never wider."""
    last, region = line.get("narrow_until"), line.get("narrow_region")
    made = {**grant, "id": f"g_{base32(desk.randomness.bytes(10))}"}
    if last and (not grant.get("valid_to") or last < grant["valid_to"]):
        made["valid_to"] = last
    if region and covers(grant["region"], region):
        made["region"] = region
    first = grant.get("valid_from")
    if first and made["valid_to"] and made["valid_to"] < first:
        made["valid_from"] = min(first, local_day(desk.clock.now()))
    return made


def _rules(form: CompiledForm) -> GrantReview:
    if form.workflow.reviews_grants is None:
        raise NotFound("review")
    return form.workflow.reviews_grants


def _nothing(_written: events.Written, _committed: object) -> None:
    return None
