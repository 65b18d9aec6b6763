"""R5.8 信息查询流程: applied for with its purpose, approved by the head, run once, handed over in writing."""

from __future__ import annotations

from typing import Any

import pytest

from engine.desk import reading
from engine.errors import Conflict, Invalid, NeedsUnlock, NotAllowed, Refused
from tests.engine.desk.conftest import office as office
from tests.engine.desk.office import CHEN, HE, LIN, TANG, WANG, ZHAO, Office
from tests.regulation.querying import (
    HEAD,
    ID_NO,
    NAME,
    QUERY,
    approved,
    asked,
    effective,
    grant,
    lines,
    refusals,
    result_of,
)


def codes(refused: Refused) -> set[tuple[str, str]]:
    return {(one.pointer, one.code) for one in refused.problems}


def test_R5_8_a_query_goes_from_its_purpose_to_the_masked_values_of_one_person(office: Office) -> None:
    effective(office)
    query = approved(office)
    office.decide(CHEN, query, "execute")

    result = result_of(office, query)
    assert (office.state(query), result["state"], result["form"]) == ("executed", "sealed", "query_result")
    assert lines(office, result["doc"]) == [
        ("/insured/full_name", "张*兰", "masked"),
        ("/insured/id_no", "310199********026X", "masked"),
        ("/insured/mobile", "199****0012", "masked"),
        ("/insured/gender", "2", "clear"),
    ]
