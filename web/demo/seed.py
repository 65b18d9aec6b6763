"""The demo's documents: the three examples of domain.md C.5 to their end, others left where work begins.

Decides the story. Each step is a real use case of the desk by a signed-in person with an unlocked key; the
past is made with a clock that is set, so the examples' own times hold. Runs once, on an empty data folder.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from stdnum.cn import ric

import schemas
from engine.desk import attaching, deciding, drafting, people, periodic, submitting, updating
from engine.desk.desk import Desk, Receipt
from engine.identity import SHANGHAI, local_day
from engine.lifecycle.people import Actor
from web.assemble import create_agency, open_desk
from web.demo import inspection, queries
from web.demo.attachments import picture
from web.demo.clock import SettableClock
from web.demo.people import AGENCY, PASSPHRASE, PEOPLE, ROLES

Answers = dict[str, Any]
_OTHERS = ("李桂英", "王玉兰", "刘德明", "陈秀珍", "杨国华", "赵素珍", "黄永福")
_FOUNDED = datetime(2026, 1, 5, 8, 30, tzinfo=SHANGHAI)
_FORM = "info_entry"
_UPDATE = "info_update"
_TICKS = {"accuracy": True, "completeness": True, "no_interest": True}


def seed(data: Path, now: datetime, say: Callable[[str], None] = lambda line: None) -> bytes:
    """Make the invented agency in an empty folder; `now` is the real moment up to which its story runs.

    Returns the recovery secret of its vault, which is kept nowhere.
    """
    secret = create_agency(data, AGENCY).recovery_secret
    clock = SettableClock(_FOUNDED)
    opened = open_desk(data, clock=clock)
    try:
        people.found(opened.desk, ROLES)
        people.enrol(opened.desk, [one.as_newcomer() for one in PEOPLE])
        _Story(opened.desk, clock, now).tell()
    finally:
        opened.close()
    return secret


class _Story:
    """The people at work, with their keys unlocked."""

    def __init__(self, desk: Desk, clock: SettableClock, now: datetime) -> None:
        self._desk = desk
        self._clock = clock
        self._now = now
        self._keys = 0
        self._others = 0
        self._actors: dict[str, tuple[Actor, str]] = {}

    def tell(self) -> None:
        """Everything that happened, in order of time."""
        first = self._through(
            "ok-1-first-assessment", "YW000231", "2026-03-05T10:10", "SH000101", timedelta(hours=22)
        )
        result = self._through(
            "ok-2-assessment-result", "WB000052", "2026-03-30T11:00", "SH000101", timedelta(hours=4),
            related=[first.doc_id],
        )
        self._through(
            "ok-3-benefit-claim", "LP000117", "2026-05-06T16:00", "SH000102", timedelta(hours=17),
            related=[first.doc_id, result.doc_id],
        )
        inspection.tell(self._desk, self._clock, self._now, self)
        self._still_open(first)
        person = example("ok-1-first-assessment")["insured"]["id_no"]
        queries.tell(self._clock, self._now, person, self)
        self._supervised()

    def _still_open(self, first: Receipt) -> None:
        """Work of the last days: one waiting, one returned, one under review, one to be uploaded, two drafts.
        """
        base = self._now - timedelta(days=2)
        waiting = self._another("ok-20-middle-dot-name", base)
        self._submit("YW000231", waiting)
        returned = self._submit("YW000231", self._another("ok-12-basis-contract", base + timedelta(hours=1)))
        self._decide("SH000101", returned, "claim", {})
        self._clock.move(timedelta(minutes=18))
        marks = [{"pointer": "/health/onset_month", "text": "病历写明2025年4月起卧床，与表内起始年月不一致"}]
        self._decide(
            "SH000101", returned, "return",
            {"comment": "失能起始年月与病历不一致，核对后重新提交。", "marks": marks, "no_interest": True},
        )
        answers = self._another("ok-10-foreign-passport", base + timedelta(hours=3))
        under_review = self._submit("YW000231", answers)
        self._decide("SH000102", under_review, "claim", {})
        answers = self._another("ok-9-minor-with-guardian", base + timedelta(hours=5))
        approved = self._submit("YW000232", answers)
        self._decide("SH000101", approved, "claim", {})
        self._clock.move(timedelta(minutes=25))
        self._decide("SH000101", approved, "approve", _TICKS)
        self._update("YW000231", first, "/insured/mobile", "19900000036")
        clerk, _ = self._actor("YW000231")
        for name in ("ok-1-first-assessment", "ok-6-service-registration"):
            answers = renewed(example(name), self._clock.now())
            answers.pop("files", None)
            drafting.begin(self._desk, clerk, _FORM, _unfinished(answers))
        self._clock.set(self._now)

    def _supervised(self) -> None:
        """An open round with an opinion of somebody who is not named; the reviews of this quarter."""
        now = self._clock.now().astimezone(SHANGHAI)
        first, last = (local_day(now + timedelta(days=days)) for days in (-2, 12))
        half = f"{now.year}-H{1 if now.month < 7 else 2}"
        asked = ["business_acceptance", "audit", "claims", "it"]
        campaign = {"round_no": half, "regulation_version": "1.0.0", "asked_depts": asked}
        days = {"open_from": first, "open_to": last}
        self._file("XX000002", "feedback_report", {"round": {**campaign, **days}})
        said = {
            "topic": "query",
            "priority": "normal",
            "clause": "R5.8.2",
            "problem": "部门主管外出时查询审批无人办理，影响当日服务。",
            "suggestion": "建议明确代理审批的登记办法和有效期限。",
        }
        self._file("SH000101", "opinion", {"author": {"anonymous": True}, "content": said})
        periodic.run(self._desk)

    def _file(self, by: str, form: str, answers: Answers) -> Receipt:
        actor, unlock = self._actor(by)
        wanted = submitting.Submission(form, answers, self._key())
        return submitting.submit(self._desk, actor, wanted, unlock).wait()

    def file(self, by: str, form: str, answers: Answers, doc: str = "") -> str:
        """A document filed by somebody, or the parts of `doc` that its next step opens; the document."""
        actor, unlock = self._actor(by)
        row = self._desk.store.get(doc) if doc else None
        head = row["head"] if row is not None else ""
        wanted = submitting.Submission(form, answers, self._key(), doc=doc, expected_head=head)
        return submitting.submit(self._desk, actor, wanted, unlock).wait().doc

    def decide(self, by: str, doc: str, transition: str, answers: Mapping[str, Any]) -> None:
        """A step that somebody takes with a document."""
        actor, unlock = self._actor(by)
        row = self._desk.store.get(doc)
        head = row["head"] if row is not None else ""
        wanted = deciding.Decision(doc, transition, head, answers, self._key(), stepped_up=True)
        deciding.decide(self._desk, actor, wanted, unlock).wait()

    def _through(
        self,
        name: str,
        by: str,
        local: str,
        reviewer: str,
        later: timedelta,
        related: list[str] | None = None,
    ) -> Receipt:
        """Submit, review, approve, upload."""
        self._clock.set(datetime.fromisoformat(f"{local}+08:00"))
        answers = example(name)
        if related:
            answers["entry"]["related_doc_ids"] = related
        receipt = self._submit(by, answers)
        self._clock.move(later)
        self._decide(reviewer, receipt, "claim", {})
        self._clock.move(timedelta(minutes=35))
        self._decide(reviewer, receipt, "approve", _TICKS)
        self._clock.move(timedelta(minutes=5))
        return self._decide(reviewer, receipt, "upload", {})

    def _update(self, by: str, target: Receipt, path: str, value: str) -> Receipt:
        """An update of an effective document, filed and waiting for its review."""
        actor, unlock = self._actor(by)
        begun = updating.begin(self._desk, actor, target.doc, _UPDATE)
        day = local_day(self._clock.now())
        change = {"occurred_on": day, "known_on": day, "reason": "contact_change", "requested_by": "self"}
        answers: Answers = {
            **begun.answers,
            "change": change,
            "changes": [{"path": path, "new_value": value}],
            "effect": {
                "affects_benefit": False,
                "needs_reassessment": False,
                "notify_subject": False,
                "effective_on": day,
            },
            "statement": {"truthful": True},
        }
        wanted = submitting.Submission(_UPDATE, answers, self._key(), draft_id=begun.id)
        receipt = submitting.submit(self._desk, actor, wanted, unlock).wait()
        drafting.discard(self._desk, actor, begun.id)
        return receipt

    def _another(self, name: str, at: datetime) -> Answers:
        """An example moved to a recent moment."""
        self._clock.set(at)
        self._others += 1
        return _somebody_else(renewed(example(name), self._clock.now()), self._others)

    def _submit(self, by: str, answers: Answers) -> Receipt:
        actor, unlock = self._actor(by)
        answers = self._with_files(actor, answers)
        wanted = submitting.Submission(_FORM, answers, self._key(), confirmed=frozenset({"V11.late"}))
        return submitting.submit(self._desk, actor, wanted, unlock).wait()

    def _decide(self, by: str, receipt: Receipt, transition: str, answers: Mapping[str, Any]) -> Receipt:
        actor, unlock = self._actor(by)
        row = self._desk.store.get(receipt.doc)
        head = row["head"] if row is not None else ""
        wanted = deciding.Decision(receipt.doc, transition, head, answers, self._key(), stepped_up=True)
        return deciding.decide(self._desk, actor, wanted, unlock).wait()

    def _with_files(self, actor: Actor, answers: Answers) -> Answers:
        """The answers with each listed attachment made, stored and named by its digest."""
        answers = copy.deepcopy(answers)
        for listed in answers.get("files", []):
            whose = sha256(json.dumps(answers.get("insured", {}), sort_keys=True).encode()).hexdigest()[:8]
            data = picture(listed["kind"], listed["file_id"], whose)
            staged = attaching.attach(self._desk, actor, data, "image/png", f"{listed['kind']}.png")
            listed["sha256"] = staged.sha256
        return answers

    def _actor(self, staff_no: str) -> tuple[Actor, str]:
        if staff_no not in self._actors:
            account = self._desk.directory.by_staff_no(staff_no)
            assert account is not None
            session = sha256(f"demo story {staff_no}".encode()).hexdigest()
            token = self._desk.vault.unlock(account.person, PASSPHRASE, session)
            self._actors[staff_no] = people.actor_of(account, session, "password"), token
        return self._actors[staff_no]

    def _key(self) -> str:
        self._keys += 1
        return f"demo-{self._keys}"


def example(name: str) -> Answers:
    """The answers of a shipped example."""
    place = schemas.root().joinpath(_FORM, "1.0.0", "examples", f"{name}.json")
    found: Answers = json.loads(place.read_bytes())["data"]
    return found


def renewed(answers: Answers, now: datetime) -> Answers:
    """An example collected and told of shortly before `now`, so that it is not late."""
    answers = copy.deepcopy(answers)
    local = now.astimezone(SHANGHAI).replace(microsecond=0)
    answers["entry"]["collected_at"] = (local - timedelta(minutes=28)).isoformat()
    if "notice_at" in answers.get("consent", {}):
        answers["consent"]["notice_at"] = (local - timedelta(minutes=30)).isoformat()
    if "onset_month" in answers.get("health", {}):
        year, month = (int(part) for part in answers["health"]["onset_month"].split("-"))
        answers["health"]["duration_months"] = (local.year - year) * 12 + local.month - month
    return answers


def _somebody_else(answers: Answers, number: int) -> Answers:
    """The same answers about another invented person: name, id number of the same day and sex, phone,
    insurance number. An id document that is no resident card keeps its number."""
    insured = answers["insured"]
    if insured["id_type"] == "01":
        insured["full_name"] = _OTHERS[number % len(_OTHERS)]
        body = f"{insured['id_no'][:14]}{10 + number:02d}{insured['id_no'][16]}"
        insured["id_no"] = body + ric.calc_check_digit(body + "0")
    if "mobile" in insured:
        insured["mobile"] = f"199000001{number:02d}"
    if "insurance" in answers:
        answers["insurance"]["psn_no"] = f"3100000000000098{number:04d}"
    return answers


def _unfinished(answers: Answers) -> Answers:
    """A draft somebody left: the last sections are not filled in yet."""
    kept = ("entry", "insured", "agent", "insurance")
    return {name: answers[name] for name in kept if name in answers}


