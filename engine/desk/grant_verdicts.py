"""Carrying out what a review of grants says, and checking that it was (R4.5.2b).

Decides that a right ends in the same critical section as the step that ends it: whoever asks next, with a
running session or a token, asks the directory and no longer has it. A grant that is gone already is not ended
twice, so that a step repeated after a crash goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from engine.desk import ending, events, grant_reviews, people, rewrapping
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
from engine.registry.pointers import look

KEEP, NARROW, REVOKE = "keep", "narrow", "revoke"


@dataclass(frozen=True, slots=True)
class Execution(Effect):
    """Verdicts ready to be carried out; `told` is what the document says of it afterwards."""

    rules: GrantReview
    lines: tuple[Mapping[str, Any], ...]
    ends_account: bool
    told: dict[str, Any] = field(default_factory=dict)

    def carry_out(self, desk: Desk, actor: Actor, step: Advance, unlock: str | None) -> Mapping[str, Any]:
        """End or narrow each grant; the body of the step's event names the grants."""
        now, ended = utc_text(desk.clock.now()), []
        who = acting(actor, step)
        lines = []
        for line in self.lines:
            if line.get("verdict") not in (NARROW, REVOKE):
                lines.append(dict(line))
                continue
            if self._end(desk, who, line, unlock):
                ended.append(line["grant_id"])
            lines.append({**line, "done_at": now, "done_by": actor.staff_no})
        if lines != [dict(line) for line in self.lines]:
            self.told[self.rules.lines] = lines
        return {"ended": ended}

    def _end(self, desk: Desk, who: Actor, line: Mapping[str, Any], unlock: str | None) -> bool:
        account = desk.directory.by_staff_no(line["staff_no"])
        if account is None or not account.active:
            return False
        found = grant_of(account, line["grant_id"])
        narrows = line.get("verdict") == NARROW
        if found is None:
            if narrows and "suspended_at" in line:  # it has ended already; the smaller one begins
                give(desk, account, _narrowed(desk, frozen_grant(line), line))
            return False
        if narrows:
            account = replace(account, grants=(*account.grants, _narrowed(desk, found, line)))
            desk.directory.save(account)
        leaves = self.ends_account and {one["id"] for one in account.grants} == {line["grant_id"]}
        end(desk, who, account, line["grant_id"], unlock, leaves=leaves)
        return True


def prepare(desk: Desk, row: DocumentRow, form: CompiledForm, answers: Mapping[str, Any]) -> Execution:
    """The verdicts of a review, ready. Raises NotFound for a form that reviews no grants."""
    rules = rules_of(form)
    lines = tuple(grant_reviews.lines_of(rules, answers))
    leaves = look(answers, rules.kind) in rules.ends_account
    return Execution(rules, lines, leaves and all(one.get("verdict") == REVOKE for one in lines))


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
    found = Check(rules_of(form), answers)
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
        if grant_of(account, line["grant_id"]) is not None or "done_at" not in line:
            yield Problem(f"{rules.lines}/{place}", "review.not_done", {"grant": line["grant_id"]})


def acting(actor: Actor, step: Advance) -> Actor:
    """The actor with the one grant that the step is taken with."""
    return replace(actor, grants=(step.grant,) if step.grant is not None else ())


def end(desk: Desk, who: Actor, account: Account, grant: str, unlock: str | None, *, leaves: bool) -> None:
    """End a grant, or with the last one the account, by an event of its own. In the critical section."""
    kind = ending.DISMISS if leaves else ending.REVOKE
    person = {"person": account.person}
    body = {**person, "key": account.public_key} if leaves else {**person, "grant": grant}
    events.append(desk, rewrapping.note(desk, kind, body, who), unlock, _nothing)
    ending.carry_out(desk, account, kind, body)


def give(desk: Desk, account: Account, grant: Mapping[str, Any]) -> str:
    """Give a grant, unless the account has the same right already; the id by which it is held.

    In the critical section. An id that ended stays ended in the register: the right begins under a new one.
    """
    held = next((one for one in account.grants if _right(one) == _right(grant)), None)
    if held is not None:
        return str(held["id"])
    desk.directory.save(replace(account, grants=(*account.grants, dict(grant))))
    people.announce(desk)
    return str(grant["id"])


def _right(grant: Mapping[str, Any]) -> tuple[Any, ...]:
    where = (grant["role"], grant["unit"], grant["region"])
    return (*where, grant.get("valid_from"), grant.get("valid_to"))


def frozen_grant(line: Mapping[str, Any]) -> dict[str, Any]:
    """The grant as the snapshot froze it."""
    return {
        "id": line["grant_id"],
        "role": line["role"],
        "unit": line["unit"],
        "region": line["region"],
        "valid_from": line.get("valid_from"),
        "valid_to": line.get("valid_to"),
    }


def fresh_id(desk: Desk) -> str:
    """An id that no grant ever had."""
    return f"g_{base32(desk.randomness.bytes(10))}"


def grant_of(account: Account | None, name: str) -> Mapping[str, Any] | None:
    """The grant of that id, while its holder is active and holds it."""
    held = account.grants if account is not None and account.active else ()
    return next((one for one in held if one["id"] == name), None)


def _narrowed(desk: Desk, grant: Mapping[str, Any], line: Mapping[str, Any]) -> dict[str, Any]:
    """The same right under a new id: until an earlier day, in a smaller region, or both; never wider."""
    last, region = line.get("narrow_until"), line.get("narrow_region")
    made = {**grant, "id": fresh_id(desk)}
    if last and (not grant.get("valid_to") or last < grant["valid_to"]):
        made["valid_to"] = last
    if region and covers(grant["region"], region):
        made["region"] = region
    first = grant.get("valid_from")
    if first and made["valid_to"] and made["valid_to"] < first:
        made["valid_from"] = min(first, local_day(desk.clock.now()))
    return made


def rules_of(form: CompiledForm) -> GrantReview:
    """What a form says of the grants it reviews. Raises NotFound where it reviews none."""
    if form.workflow.reviews_grants is None:
        raise NotFound("review")
    return form.workflow.reviews_grants


def _nothing(_written: events.Written, _committed: object) -> None:
    return None
