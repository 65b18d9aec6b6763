"""A document of every form in every state that people can take it from, and who stands how to it.

Decides the scene, not what is expected. The documents are made by use cases of the desk; what is tested is
asked over HTTP afterwards. 2025-12 to 2026-03: rounds of opinions first, for only one is open at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from typing import Any, Final

from engine.desk import attaching, reading, timekeeping
from tests.benchmarks.material import id_number
from tests.engine.desk import revising
from tests.engine.desk.office import (
    CHEN,
    FANG,
    HE,
    LI,
    LIN,
    SHEN,
    TANG,
    TICKS,
    WANG,
    ZHAO,
    ZHOU,
    example,
    open_office,
)  # fmt: skip
from tests.regulation import inspecting, querying, reviewing, updating
from tests.regulation import test_opinion_round as rounds
from tests.regulation.reviewing import GUO, HU, SUN
from tests.regulation.rights_people import GAO, LUO, Paper, hire

COMMENT: Final = {"comment": "材料与原件不一致，补正后再报"}
OBJECT: Final = {"how_to_object": "三十日内向本机构审核部门提出复核", "no_interest": True}
BACK: Final = {**COMMENT, "marks": [{"pointer": "/insured/mobile", "text": "核对号码"}], "no_interest": True}
WRONG: Final = {**COMMENT, "reason": "duplicate", "evidence": "与另一份重复"}
LATE: Final = frozenset({"V11.late"})

class Scene:
    """The office being filled."""

    def __init__(self) -> None:
        self.office = open_office(datetime(2025, 12, 15, 2, 0, tzinfo=UTC))
        self.papers: list[Paper] = []
        self._people = 0
        hire(self.office)

    def on(self, month: int, day: int) -> None:
        """Ten in the morning of a day of 2026; what time brings about happens."""
        self.office.clock.set(datetime(2026, month, day, 2, 0, tzinfo=UTC))
        timekeeping.run(self.office.desk)

    def add(self, doc: str, maker: str, **more: Any) -> None:
        """Take a document as it stands into the scene."""
        row = reading.row_of(self.office.desk, doc)
        held = self._staff_no(row["claimed_by"])
        more.setdefault("holder", held)
        self.papers.append(Paper(row["form"], doc, row["state"], row["unit"], maker, **more))

    def _staff_no(self, person: str) -> str:
        found = self.office.desk.directory.by_person(person)
        return found.staff_no if found is not None else ""

    def tell(self) -> None:
        """Everything, in order of time."""
        self._rounds()
        self.on(3, 5)
        self._entries()
        self._updates()
        self._inspections()
        self._reviews_that_fall_due()
        self.on(3, 20)
        self._sheets()
        self._queries()
        self._reviews()
        self._revisions()

    # -- R6.10 --

    def _rounds(self) -> None:
        steps = (
            ("2025-H2", "issued"), ("2025-Q4", "issued later"), ("2025-12", "returned"),
            ("2025-11", "under_review"), ("2025-10", "drafted"), ("2025-Q3", "analysing"),
        )  # fmt: skip
        docs = []
        for number, (name, goal) in enumerate(steps):
            begin = self.office.clock.now()
            day = begin.date().toordinal()
            days = {
                "open_from": begin.date().isoformat(),
                "open_to": begin.date().fromordinal(day + 8).isoformat(),
            }
            report = rounds.opened(self.office, round_no=name, **days)
            told = [rounds.given(self.office, who).doc for who in (LIN, GAO)]
            for one in told:
                self.office.decide(SHEN, one, "accept")
            if number == 0:
                gone = rounds.given(self.office, CHEN).doc
                self.office.decide(CHEN, gone, "withdraw", COMMENT)
            self.office.clock.advance(days=10)
            timekeeping.run(self.office.desk)
            self._report(report, told, goal)
            docs.append((report, told))
        today = self.office.clock.now().date()
        days = {"open_from": today.isoformat(), "open_to": "2026-03-31"}
        last = rounds.opened(self.office, round_no="2026-H1", **days)
        waiting, taken, gone = (rounds.given(self.office, who).doc for who in (LIN, GAO, CHEN))
        self.office.decide(SHEN, taken, "accept")
        self.office.decide(CHEN, gone, "withdraw", COMMENT)
        self._issued_now = docs[1][0]
        self._later = [(last, HE), (waiting, LIN), (taken, GAO), (gone, CHEN)]
        self._later += [(report, HE) for report, _ in docs]
        self._later += [(docs[0][1][0], LIN), (docs[1][1][0], LIN)]

    def _report(self, report: str, told: list[str], goal: str) -> None:
        office = self.office
        if goal == "analysing":
            return
        ids = [reading.row_of(office.desk, one)["doc_id"] for one in told]
        rounds.drafted(office, report, rounds.group(*ids))
        if goal == "drafted":
            return
        office.decide(HE, report, "submit")
        if goal == "returned":
            office.decide(TANG, report, "return", COMMENT)
        elif goal == "issued":
            office.decide(TANG, report, "issue")

    # -- R5.6 --

    def _entry(self, who: str = LIN, name: str = "", **more: Any) -> str:
        office = self.office
        if name:
            answers = example(name) | more
            for number, item in enumerate(answers.get("files", [])):
                item["sha256"] = self._file(who, b"scan %d" % number)
        else:
            answers = office.answers(who, **more)
            self._people += 1
            identity = id_number(self._people)
            born = f"{identity[6:10]}-{identity[10:12]}-{identity[12:14]}"
            answers["insured"] |= {"id_no": identity, "birth_date": born}
            answers["insurance"]["psn_no"] = f"3100000000000{self._people:07d}"
        return office.submit(who, answers, confirmed=LATE).doc

    def _file(self, who: str, data: bytes) -> str:
        staged = attaching.attach(self.office.desk, self.office.actors[who], data, "application/pdf")
        return str(staged.sha256)

    def _claimed(self, **more: Any) -> str:
        doc = self._entry(**more)
        self.office.decide(ZHOU, doc, "claim")
        return doc

    def _effective(self) -> str:
        doc = self._claimed()
        self.office.decide(ZHOU, doc, "approve", TICKS)
        self.office.decide(ZHOU, doc, "upload")
        return doc

    def _entries(self) -> None:
        office = self.office
        urgent = example()["entry"] | {"urgency": "green_channel"}
        doc = self._entry()
        self.add(doc, LIN)
        self.add(self._claimed(), LIN, blocked=frozenset({"approve_first"}))
        refusal = {**COMMENT, **OBJECT, "ground": "conditions_not_met"}
        for transition, said in (("return", BACK), ("reject", refusal), ("approve", TICKS)):
            doc = self._claimed()
            office.decide(ZHOU, doc, transition, said)
            self.add(doc, LIN, holder=ZHOU)
        doc = self._claimed(entry=urgent)
        self.add(doc, LIN, blocked=frozenset({"approve"}))
        doc = self._claimed(entry=urgent)
        office.decide(ZHOU, doc, "approve_first", TICKS)
        self.add(doc, LIN, holder=ZHOU)
        self.add(self._effective(), LIN)
        doc = self._effective()
        office.decide(HE, doc, "propose_void", WRONG)
        self.add(doc, LIN)
        doc = self._effective()
        office.decide(HE, doc, "propose_void", WRONG)
        office.decide(WANG, doc, "void", {**COMMENT, "no_interest": True})
        self.add(doc, LIN)
        doc = self._entry()
        office.decide(LIN, doc, "withdraw", COMMENT)
        self.add(doc, LIN)

    # -- R5.7 --

    def _update(self, **change: Any) -> str:
        office, target = self.office, self._effective()
        files: dict[str, Any] = {}
        changes = [updating.mobile()]
        if change:
            files = {"files": updating.evidence(office, "id_card")}
            changes = [{"path": "/insured/full_name", "new_value": "张文澜", "evidence_file_id": "F-0901"}]
        return updating.file(office, updating.wanted(office, target, *changes, change=change, **files)).doc

    def _updates(self) -> None:
        office = self.office
        self.add(self._update(), LIN)
        for transition, said in (
            ("", None),
            ("return", BACK),
            ("reject", {**COMMENT, **OBJECT, "ground": "not_proved"}),
            ("approve", updating.TICKS),
        ):
            doc = self._update()
            office.decide(ZHOU, doc, "claim")
            if transition:
                office.decide(ZHOU, doc, transition, said)
            self.add(doc, LIN, holder=ZHOU, blocked=frozenset({"approve_first", "give_back"}))
        doc = self._update()
        office.decide(ZHOU, doc, "claim")
        office.decide(ZHOU, doc, "approve", updating.TICKS)
        office.decide(ZHOU, doc, "apply")
        self.add(doc, LIN)
        doc = self._update()
        office.decide(LIN, doc, "withdraw", COMMENT)
        self.add(doc, LIN)
        correction = {"reason": "identity_correction", "reason_text": "姓名用字录错，以身份证为准"}
        doc = self._update(**correction)
        office.decide(ZHOU, doc, "claim")
        office.decide(ZHOU, doc, "approve_first", updating.TICKS)
        self.add(doc, LIN, holder=ZHOU)

    # -- R6.9 --

    def _inspections(self) -> None:
        office = self.office
        plan = {"on_site_from": "2026-03-16", "on_site_to": "2026-03-20"}
        later = {"on_site_from": "2026-04-01", "on_site_to": "2026-04-03"}
        docs = [inspecting.planned(office, **later), *(inspecting.planned(office, **plan) for _ in range(8))]
        for doc in docs[1:]:
            office.decide(SHEN, doc, "notify")
        self._plans = docs

    def _sheets(self) -> None:
        """The inspections and the sheets that three of them opened."""
        office, (planned, notified, *started, called_off) = self.office, self._plans
        lead: dict[str, Any] = {"leader": HE, "asked": ("business_acceptance",)}
        self.add(planned, HE, **lead)
        self.add(notified, HE, **lead)
        office.decide(HE, called_off, "cancel", COMMENT)
        self.add(called_off, HE, **lead)
        findings = deepcopy(inspecting.FINDINGS)
        for doc in started:
            office.decide(HE, doc, "start")
        for doc in started[1:]:
            parts = {"items": deepcopy(findings), "conclusion": inspecting.CONCLUSION}
            inspecting.filled(office, HE, doc, measure={"access_anomaly_count": 0}, **parts)
        for doc in started[2:]:
            office.decide(WANG, doc, "reply_agree", {"text": "认可，将增设当日录入提醒"})
        timekeeping.run(office.desk)
        issued = started[3:]
        for doc in issued:
            office.decide(TANG, doc, "issue")
        sheets = [one for doc in issued for one in self._opened(doc)]
        self._rectify(sheets)
        for doc in started:
            self.add(doc, HE, **lead, blocked=frozenset({"close"}))

    def _opened(self, doc: str) -> list[str]:
        desk = self.office.desk
        ids = inspecting.answers_of(self.office, doc)["rectification_doc_ids"]
        return [found["doc"] for one in ids if (found := desk.store.by_doc_id(one)) is not None]

    def _rectify(self, sheets: list[str]) -> None:
        office, owned = self.office, {"owner": LIN, "asked": ("business_acceptance",)}
        steps: tuple[Callable[[str], Any], ...] = (
            lambda doc: office.decide(LIN, doc, "acknowledge"),
            lambda doc: inspecting.filled(office, LIN, doc, plan=inspecting.a_plan()),
            lambda doc: office.decide(SHEN, doc, "agree"),
            self._claim_done,
            lambda doc: office.decide(LUO, doc, "verify_pass", {"text": "抽查十件，均当日录入"}),
        )
        for count, doc in enumerate(sheets):
            office.decide(WANG, doc, "assign", {"owner": LIN})
            for step in steps[:count]:
                step(doc)
            timekeeping.run(office.desk)
            self.add(doc, "", **owned)

    def _claim_done(self, doc: str) -> None:
        office = self.office
        files = [{"kind": "screenshot", "file_id": "F-0501", "sha256": self._file(LIN, b"%PDF evidence")}]
        plan = inspecting.answers_of(office, doc)["plan"]
        plan["measures"][0]["done_on"] = "2026-03-20"
        inspecting.filled(office, LIN, doc, plan=plan, files=files)

    # -- R5.8 --

    def _query(self, **scope: Any) -> tuple[str, dict[str, Any]]:
        wanted = querying.asked(scope=scope)
        return self.office.submit(CHEN, wanted, form=querying.QUERY).doc, wanted

    def _queries(self) -> None:
        office = self.office
        clear = {
            "unmask_fields": ["/insured/full_name"],
            "unmask_reason": "需与结算单收款人姓名逐字比对，脱敏后无法核对",
        }
        doc, _ = self._query()
        self.add(doc, CHEN, blocked=frozenset({"approve_for_countersign"}))
        doc, _ = self._query(**clear)
        self.add(doc, CHEN, blocked=frozenset({"approve"}))
        for transition in ("return", "reject"):
            doc, _ = self._query()
            office.decide(LI, doc, transition, COMMENT)
            self.add(doc, CHEN)
        doc, wanted = self._query(**clear)
        office.decide(LI, doc, "approve_for_countersign", querying.grant(wanted))
        self.add(doc, CHEN)
        made = []
        for _ in range(5):
            doc, wanted = self._query()
            office.decide(LI, doc, "approve", querying.grant(wanted))
            made.append(doc)
        self.add(made[0], CHEN)
        office.decide(LI, made[1], "revoke", COMMENT)
        self.add(made[1], CHEN)
        for doc in made[2:]:
            office.decide(CHEN, doc, "execute")
        wanted = querying.asked(output={"keep_days": 0})
        doc = office.submit(CHEN, wanted, form=querying.QUERY).doc
        office.decide(LI, doc, "approve", querying.grant(wanted))
        office.decide(CHEN, doc, "execute")
        made.append(doc)
        results = [querying.result_of(office, doc)["doc"] for doc in made[2:]]
        for doc in results[1:]:
            office.decide(CHEN, doc, "deliver", {"received_by": "陈晓"})
        office.decide(CHEN, results[2], "destroy", {"method": "erased", "copies": "1"})
        timekeeping.run(office.desk)
        for doc in (*made[2:], *results):
            self.add(doc, CHEN)

    # -- R4.5 --

    def _reviews_that_fall_due(self) -> None:
        """Everybody but the head was judged, so that nothing is suspended when it falls due."""
        self._overdue = reviewing.opened(self.office).doc
        reviewing.judged(self.office, self._overdue, WANG, {LIN: reviewing.KEEP, ZHAO: reviewing.KEEP})

    def _reviews(self) -> None:
        office, kept = self.office, {"verdict": "keep", "reason": "岗位未变，继续使用"}
        made = [reviewing.opened(office).doc for _ in range(6)]
        for doc in made[1:]:
            reviewing.judged(office, doc, WANG, {LIN: kept, ZHAO: kept})
        for doc in made[2:]:
            reviewing.judged(office, doc, TANG, {WANG: kept})
            office.decide(WANG, doc, "confirm")
        for doc in made[3:]:
            office.decide(SUN, doc, "execute")
        for doc in made[4:]:
            office.decide(HU, doc, "verify")
        office.decide(HE, made[5], "close")
        for doc in (*made[:1], self._overdue, *made[1:]):
            unjudged = doc in (made[1], self._overdue)
            self.add(doc, GUO, blocked=frozenset({"confirm"} if unjudged else ()))

    # -- R7.3 --

    def _revisions(self) -> None:
        office, sure = self.office, {"comment": "意见已逐条处理"}
        line = revising.line(revising.street_draft(office))
        asked = ("business_acceptance", "audit")

        def proposed() -> str:
            return revising.propose(office, revising.proposal(line)).doc

        made = {name: proposed() for name in (
            "proposed", "commenting", "under_review", "returned", "rejected", "withdrawn", "approved",
            "ordered",
        )}  # fmt: skip
        office.decide(HE, made["commenting"], "solicit")
        office.decide(HE, made["withdrawn"], "withdraw", COMMENT)
        for name in ("under_review", "returned", "rejected", "approved", "ordered"):
            office.decide(HE, made[name], "send", sure)
        office.decide(WANG, made["returned"], "disagree", COMMENT)
        office.decide(WANG, made["rejected"], "reject", COMMENT)
        for name in ("approved", "ordered"):
            office.decide(WANG, made[name], "agree")
            office.decide(FANG, made[name], "agree_last")
        office.decide(TANG, made["ordered"], "order_publication")
        for name, doc in made.items():
            first, blocked = (TANG if name == "ordered" else ""), frozenset({"agree_last"})
            self.add(doc, HE, first=first, asked=asked, blocked=blocked)
        later = revising.published(office, revising.proposal(line, effective_on="2026-04-01"))
        self.add(later, HE, asked=asked)
        office.decide(TANG, self._issued_now, "issue")
        for doc, maker in self._later:
            self.add(doc, maker)
