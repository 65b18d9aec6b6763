"""What the tests of queries share: an entry in force, an application about its person, and its result."""

from __future__ import annotations

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import schemas
from engine.desk import reading
from engine.errors import Refused
from engine.projection import DocumentRow
from tests.engine.desk.office import CHEN, LI, LIN, TICKS, ZHOU, Office, example

QUERY, RESULT = "info_query", "query_result"
ID_NO, NAME = "31019919420315026X", "张文兰"


def effective(office: Office, **changes: Any) -> str:
    """An entry of 小林's that 周敏 approved and uploaded; its key."""
    doc = office.submit(LIN, office.answers(LIN, **changes)).doc
    office.decide(ZHOU, doc, "claim")
    office.decide(ZHOU, doc, "approve", TICKS)
    office.decide(ZHOU, doc, "upload")
    return doc


def asked(name: str = "ok-2-batch-masked", **changes: Mapping[str, Any]) -> dict[str, Any]:
    """An application of 陈晓's for one person by id number, masked; `changes` go into its sections."""
    file = schemas.root().joinpath(QUERY, "1.0.0", "examples", f"{name}.json")
    answers: dict[str, Any] = deepcopy(json.loads(file.read_text("utf-8"))["data"])
    answers["output"].pop("needed_by", None)
    if name == "ok-2-batch-masked":
        fields = ["/insured/full_name", "/insured/id_no", "/insured/mobile", "/insured/gender"]
        answers["scope"] |= {"kind": "single", "subject_keys": [ID_NO], "categories": ["customer"]}
        answers["scope"] |= {"fields": fields}
    for section, values in changes.items():
        answers[section] = {key: one for key, one in (answers[section] | values).items() if one is not None}
    return answers


GRANT: dict[str, Any] = {"valid_days": "7"}


def grant(answers: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """The head's answers that grant all that was applied for."""
    scope = answers["scope"]
    given: dict[str, Any] = GRANT | {"granted_fields": scope["fields"]}
    if scope.get("unmask_fields"):
        given["granted_unmask"] = scope["unmask_fields"]
    return given | more


def approved(office: Office, answers: dict[str, Any] | None = None, **more: Any) -> str:
    """A query of 陈晓's that the head of claims approved; its key."""
    wanted = asked() if answers is None else answers
    doc = office.submit(CHEN, wanted, form=QUERY).doc
    office.decide(LI, doc, "approve", grant(wanted, **more))
    return doc


def result_of(office: Office, query: str) -> DocumentRow:
    """The row of the result that a query made; there is exactly one."""
    doc_id = reading.row_of(office.desk, query)["doc_id"]
    found = [row for row in office.desk.store.rows() if row["facets"].get("/source/query_doc_id") == doc_id]
    assert len(found) == 1
    return found[0]


def answers_of(office: Office, query: str) -> Mapping[str, Any]:
    """What 陈晓 sees of the result of a query."""
    result = result_of(office, query)["doc"]
    return reading.open_document(office.desk, office.actors[CHEN], result).answers


def lines(office: Office, result: str, who: str = CHEN) -> list[tuple[str, str, str]]:
    """(field, value, how shown) of a result as one person sees it."""
    answers = reading.open_document(office.desk, office.actors[who], result).answers
    return [(one["field"], one["value"], one["shown"]) for one in answers.get("rows", ())]


def codes(refused: Refused) -> set[tuple[str, str]]:
    """Where what does not hold."""
    return {(one.pointer, one.code) for one in refused.problems}


def refusals(office: Office) -> list[tuple[str, ...]]:
    """What the access log says of runs that were refused."""
    return [one.what for one in office.desk.access.entries() if one.purpose == "refused"]


def another(number: int) -> dict[str, Any]:
    """The section of another insured person, invented: born in 1950, with a number that checks."""
    insured: dict[str, Any] = example()["insured"]
    digits = f"3101991950010{1 + number % 9}{number:03d}"[:17]
    digits = digits[:16] + str(int(digits[16]) // 2 * 2)
    weights = [2 ** (17 - place) % 11 for place in range(17)]
    check = "10X98765432"[sum(int(one) * by for one, by in zip(digits, weights, strict=True)) % 11]
    birth = f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}"
    name = "沈" + "甲乙丙丁戊己庚辛"[number % 8]
    return insured | {"full_name": name, "id_no": digits + check, "birth_date": birth}
