"""Tokens, keys, heads and foreign documents over the API; then whatever its description allows."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance

from tests.attack.agency import BAILU, DUPING, GAOYAN, SHILEI, XIAOLIN, ZHOUMIN, Town
from web.routes.api.openapi import describe

NOBODY = "a" * 26
TOKENS: list[tuple[str, str, tuple[int, str]]] = [
    ("none", "", (401, "token.missing")),
    ("another scheme", "Basic eDp5", (401, "token.missing")),
    ("no token", "Bearer ", (401, "token.missing")),
    ("an unknown one", "Bearer fj_" + "A" * 43, (401, "token.unknown")),
    ("a very long one", "Bearer fj_" + "A" * 9_000, (401, "token.unknown")),
    ("not ours", "Bearer eyJhbGciOiJub25lIn0.e30.", (401, "token.unknown")),
    ("bytes", "Bearer fj_\xff\xfe", (401, "token.unknown")),
]


@pytest.mark.parametrize(("header", "code"), [one[1:] for one in TOKENS], ids=[one[0] for one in TOKENS])
def test_without_a_token_of_ours_nothing_is_answered(town: Town, header: str, code: tuple[int, str]) -> None:
    for path in ("/documents", f"/documents/{NOBODY}", "/forms/info_entry"):
        answer = town.server.send("GET", f"/api/v1{path}", None, {"Authorization": header} if header else {})
        assert answer.code == code
        assert answer.headers["www-authenticate"] == 'Bearer realm="fengjian"'


def test_a_token_that_has_ended_or_whose_owner_has_left_is_refused(town: Town) -> None:
    ended = town.server.call("POST", "/documents", town.keys.old, town.body(), "ended")
    left = town.call(DUPING, "POST", "/documents", town.body(), "left")
    assert (ended.code, left.code) == ((401, "token.ended"), (401, "token.unknown"))


def test_outside_the_contract_a_partner_may_do_nothing(town: Town) -> None:
    for method, path in (("GET", "/documents"), ("POST", "/documents"), ("GET", f"/documents/{NOBODY}")):
        body = town.body(SHILEI) if method == "POST" and SHILEI in town.keys.digests else None
        assert town.call(SHILEI, method, path, body, "contract").code == (403, "contract.ended")


def test_a_token_in_the_address_or_a_cookie_is_none(town: Town) -> None:
    token = town.keys.tokens[XIAOLIN]
    for path, headers in ((f"?access_token={token}", {}), ("", {"Cookie": f"token={token}"})):
        assert town.server.send("GET", f"/api/v1/documents{path}", None, headers).status == 401


def test_a_partner_is_told_of_no_document_but_its_own(town: Town) -> None:
    receipt = town.submitted()
    path, seen = f"/documents/{receipt['doc']}", {"expected_head": receipt["event"]}
    for staff_no in (GAOYAN, BAILU):
        answers = [
            town.call(staff_no, "GET", path),
            town.call(staff_no, "GET", f"{path}/receipts/1"),
            town.call(staff_no, "GET", f"{path}/bundle?disclose=all"),
            town.call(staff_no, "POST", f"{path}/transitions/withdraw", seen, "x"),
            town.call(staff_no, "POST", "/documents", town.body() | seen | {"doc": receipt["doc"]}, "y"),
        ]
        nothing = town.call(staff_no, "GET", f"/documents/{NOBODY}")
        assert [one.code for one in answers] == [(404, "document.not_found")] * 5
        assert answers[0].json() == nothing.json()
        listed = town.call(staff_no, "GET", "/documents?limit=100").json()
        assert (listed["documents"], listed["total"]) == ([], 0)


def test_somebody_elses_file_cannot_be_taken_into_a_document(town: Town) -> None:
    body = town.body("YW000232")
    for mine, listed in zip(town.keys.digests[XIAOLIN], body["answers"]["files"], strict=True):
        listed["sha256"] = mine
    extra = town.server.call(
        "POST", "/files", town.keys.tokens[XIAOLIN], b"%PDF-1.4\n%only mine\n%%EOF\n", "mine", None,
        Content_Type="application/pdf",
    )  # fmt: skip
    body["answers"]["files"][0]["sha256"] = extra.json()["sha256"]
    answer = town.call("YW000232", "POST", "/documents", body, "stolen")
    assert answer.code == (422, "answers")
    assert ("/files/0/sha256", "file.unknown") in {
        (one["pointer"], one["code"]) for one in answer.json()["problems"]
    }


def test_a_key_belongs_to_one_payload_and_one_person(town: Town) -> None:
    body = town.body()
    first = town.call(XIAOLIN, "POST", "/documents", body, "mine")
    again = town.call(XIAOLIN, "POST", "/documents", body, "mine")
    other = town.call(XIAOLIN, "POST", "/documents", town.body(), "mine")
    assert (first.status, again.status, again.json()["event"]) == (201, 201, first.json()["event"])
    assert other.code == (409, "idempotency.other_payload")
    foreign = town.call("YW000232", "POST", "/documents", body, "mine")
    assert foreign.status != 201 or foreign.json()["doc"] != first.json()["doc"]


def test_a_stale_head_is_refused_and_says_what_changed(town: Town) -> None:
    receipt = town.submitted()
    claimed = town.taken(ZHOUMIN, receipt, "claim")
    path = f"/documents/{receipt['doc']}/transitions/claim"
    for number, head in enumerate((receipt["event"], "0" * 64)):
        answer = town.call(ZHOUMIN, "POST", path, {}, f"stale-{number}", If_Match=f'"{head}"')
        assert answer.code == (409, "document.changed")
        told = answer.json()
        assert (told["head"], told["state"]) == (claimed["event"], "under_review")
    for number, head in enumerate(("*", "W/x", "g" * 64, "")):
        answer = town.call(ZHOUMIN, "POST", path, {}, f"no-head-{number}", If_Match=head)
        assert answer.code == (428, "expected_head.missing")


def test_a_step_that_needs_the_person_cannot_be_taken_by_a_machine(town: Town) -> None:
    claimed = town.taken(ZHOUMIN, town.submitted(), "claim")
    body = {
        "expected_head": claimed["event"],
        "answers": {
            "ground": "other",
            "how_to_object": "向审核部门提出复核申请",
            "no_interest": True,
            "comment": "不符",
        },
    }
    answer = town.call(ZHOUMIN, "POST", f"/documents/{claimed['doc']}/transitions/reject", body, "reject")
    assert answer.status in (403, 423), answer.body


def test_the_one_who_entered_it_cannot_review_it(town: Town) -> None:
    receipt = town.submitted()
    body = {"expected_head": receipt["event"]}
    for name in ("claim", "approve", "upload", "archive", "nothing", "submit"):
        path = f"/documents/{receipt['doc']}/transitions/{name}"
        assert town.call(XIAOLIN, "POST", path, body, f"own-{name}").status in (403, 404, 409, 422), name
    assert town.call(XIAOLIN, "GET", f"/documents/{receipt['doc']}").json()["seq"] == 1


DESCRIPTION: Any = schemathesis.openapi.from_dict(describe())
OPERATIONS = {one.ok().label: one.ok() for one in DESCRIPTION.get_all_operations()}
CASES = [
    pytest.param(label, mode, id=f"{label}-{mode.value}")
    for label, one in OPERATIONS.items()
    for mode in GenerationMode
    if mode is GenerationMode.POSITIVE or one.body or any(one.iter_parameters())
]


@pytest.mark.parametrize(("label", "mode"), CASES)
def test_whatever_a_client_makes_of_the_description_is_answered_as_described(
    town: Town, label: str, mode: GenerationMode
) -> None:
    base, token = f"http://localhost:{town.server.port}/api/v1", town.keys.tokens[XIAOLIN]
    before = town.server.log_size()

    @given(OPERATIONS[label].as_strategy(generation_mode=mode))
    @settings(max_examples=12, database=None, suppress_health_check=list(HealthCheck))
    def call(case: Any) -> None:
        answer = case.call(base_url=base, headers={"Authorization": f"Bearer {token}"}, timeout=20)
        case.validate_response(answer, checks=[not_a_server_error, response_schema_conformance])

    call()
    assert town.server.log_size() == before
