"""The API as a partner's machine sees it: tokens, strict input, one receipt per key, conflicts."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from starlette.testclient import TestClient

from tests.web.agency import id_number
from tests.web.conftest import DemoAgency
from web.app import create_app
from web.demo.attachments import picture
from web.demo.people import PARTNER_STAFF_NO, PASSPHRASE
from web.demo.seed import example, renewed
from web.routes.api.openapi import SCHEMAS, describe
from web.tokens import make_token

# The test client's answers; which HTTP library stands behind it is its own affair.
Response = Any

_numbers = count(500)


@dataclass
class Partner:
    """The machine of the assessment office."""

    client: TestClient
    token: str
    demo: DemoAgency
    files: dict[str, str] = field(default_factory=dict)

    def headers(self, **more: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in more.items()}}

    def get(self, path: str) -> Response:
        return self.client.get(f"/api/v1{path}", headers=self.headers())

    def post(self, path: str, body: Any, key: str = "", **more: str) -> Response:
        headers = self.headers(Idempotency_Key=key or f"key-{next(_numbers)}", **more)
        return self.client.post(f"/api/v1{path}", json=body, headers=headers)

    def answers(self) -> dict[str, Any]:
        """A first assessment of somebody new, its attachments uploaded."""
        desk = self.demo.services.desk
        answers = renewed(copy.deepcopy(example("ok-19-first-assessment-by-partner")), desk.clock.now())
        number = next(_numbers)
        answers["insured"]["id_no"] = id_number(f"31019919420315{(number * 2) % 1000:03d}")
        answers["insurance"]["psn_no"] = f"3100000000001{number:07d}"
        for listed in answers["files"]:
            listed["sha256"] = self.uploaded(listed["kind"], listed["file_id"])
        return answers

    def uploaded(self, kind: str, file_id: str) -> str:
        if file_id not in self.files:
            answer = self.client.post(
                "/api/v1/files",
                content=picture(kind, file_id, "api"),
                headers=self.headers(Idempotency_Key=file_id, Content_Type="image/png"),
            )
            assert answer.status_code == 201, answer.text
            self.files[file_id] = answer.json()["sha256"]
        return self.files[file_id]

    def submitted(self) -> dict[str, Any]:
        answer = self.post("/documents", {"form": "info_entry", "answers": self.answers()})
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt


@pytest.fixture(scope="module")
def partner(demo: DemoAgency) -> Iterator[Partner]:
    desk = demo.services.desk
    account = desk.directory.by_staff_no(PARTNER_STAFF_NO)
    assert account is not None
    token = make_token(desk, account, PASSPHRASE, "tests", "2027-01-01")
    with TestClient(create_app(demo.services), base_url="https://testserver") as client:
        yield Partner(client, token, demo)


def holds(schema: str, value: Any) -> None:
    """The value is what the description promises."""
    whole = {"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}
    Draft202012Validator(whole).validate(value)


def code_of(answer: Response) -> tuple[int, str]:
    assert answer.headers["content-type"] == "application/problem+json"
    body = answer.json()
    holds("Problem", body)
    assert body["status"] == answer.status_code
    return answer.status_code, body["code"]


def test_a_submission_is_acknowledged_with_a_receipt_that_proves_it(partner: Partner) -> None:
    answer = partner.post("/documents", {"form": "info_entry", "answers": partner.answers()})
    assert answer.status_code == 201
    receipt = answer.json()
    holds("Receipt", receipt)
    assert (receipt["state"], receipt["seq"], receipt["revision"]) == ("submitted", 1, 1)
    assert answer.headers["location"] == f"/api/v1/documents/{receipt['doc']}"
    assert receipt["proof"].startswith("c2sp.org/tlog-proof@v1\n")


def test_the_same_key_gives_the_same_receipt_and_another_body_is_refused(partner: Partner) -> None:
    body = {"form": "info_entry", "answers": partner.answers()}
    first, second = partner.post("/documents", body, "once"), partner.post("/documents", body, "once")
    names = ("doc", "doc_no", "event", "index", "seq", "received_at")
    assert [first.json()[name] for name in names] == [second.json()[name] for name in names]
    other = partner.post("/documents", {**body, "answers": partner.answers()}, "once")
    assert code_of(other) == (409, "idempotency.other_payload")


def test_a_document_reads_back_as_it_was_submitted(partner: Partner) -> None:
    answers = partner.answers()
    doc = partner.post("/documents", {"form": "info_entry", "answers": answers}).json()["doc"]
    answer = partner.get(f"/documents/{doc}")
    body = answer.json()
    holds("Document", body)
    assert answer.headers["etag"] == f'"{body["head"]}"'
    assert body["answers"]["insured"] == answers["insured"]
    assert "withdraw" in body["transitions"]


def test_the_list_pages_without_gaps_or_repeats(partner: Partner) -> None:
    for _ in range(3):
        partner.submitted()
    whole = [row["doc"] for row in partner.get("/documents?limit=100").json()["documents"]]
    paged: list[str] = []
    after = ""
    while True:
        page = partner.get(f"/documents?limit=2{after}").json()
        holds("DocumentPage", page)
        paged += [row["doc"] for row in page["documents"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert paged == whole
    states = {row["state"] for row in partner.get("/documents?state=effective").json()["documents"]}
    assert states == {"effective"}


def test_a_transition_names_the_head_it_saw(partner: Partner) -> None:
    receipt = partner.submitted()
    path, words = f"/documents/{receipt['doc']}/transitions/withdraw", {"comment": "材料有误，撤回重报"}
    assert code_of(partner.post(path, {"answers": words})) == (428, "expected_head.missing")
    done = partner.post(path, {"answers": words}, If_Match=f'"{receipt["event"]}"')
    assert (done.status_code, done.json()["state"]) == (200, "withdrawn")
    stale = partner.post(path, {"answers": words, "expected_head": receipt["event"]})
    assert code_of(stale) == (409, "document.changed")
    assert stale.json()["head"] == done.json()["event"]


def test_the_same_decision_twice_does_nothing_twice(partner: Partner) -> None:
    receipt = partner.submitted()
    path = f"/documents/{receipt['doc']}/transitions/withdraw"
    body = {"answers": {"comment": "材料有误，撤回重报"}, "expected_head": receipt["event"]}
    first, second = partner.post(path, body, "w"), partner.post(path, body, "w")
    assert (first.status_code, second.status_code) == (200, 200)
    assert first.json()["event"] == second.json()["event"]
    assert partner.get(f"/documents/{receipt['doc']}").json()["seq"] == 2


def test_receipt_bundle_and_form_can_be_fetched(partner: Partner) -> None:
    receipt = partner.submitted()
    again = partner.get(f"/documents/{receipt['doc']}/receipts/1").json()
    assert (again["event"], again["index"]) == (receipt["event"], receipt["index"])
    bundle = partner.get(f"/documents/{receipt['doc']}/bundle?disclose=/insured/full_name")
    assert bundle.headers["content-type"] == "application/vnd.fengjian.bundle+json"
    assert [one["path"] for one in bundle.json()["disclosures"]] == ["/insured/full_name"]
    form = partner.get("/forms/info_entry").json()
    holds("Form", form)
    assert form["digest"] == partner.get(f"/forms/info_entry?version={form['version']}").json()["digest"]


def test_what_is_wrong_with_the_answers_is_said_with_pointers(partner: Partner) -> None:
    answers = partner.answers()
    answers["insured"]["id_no"] = "310199194203150261"
    del answers["health"]["cause"]
    answers["surprise"] = 1
    before = partner.demo.services.desk.journal.next_index
    answer = partner.post("/documents", {"form": "info_entry", "answers": answers})
    assert code_of(answer) == (422, "answers")
    found = {(one["pointer"], one["code"]) for one in answer.json()["problems"]}
    assert {("/health/cause", "required"), ("/surprise", "unknown_field")} <= found
    assert all(one["message"] for one in answer.json()["problems"])
    assert partner.demo.services.desk.journal.next_index == before


@pytest.mark.parametrize(("language", "missing"), [("zh", "主要致失能原因"), ("en", "main cause")])
def test_what_is_wrong_is_said_with_the_labels_of_the_form_and_in_one_language(
    partner: Partner, language: str, missing: str
) -> None:
    answers = partner.answers()
    answers["insured"]["id_no"] = "310199194203150261"
    del answers["health"]["cause"]
    body = {"form": "info_entry", "answers": answers}

    answer = partner.post("/documents", body, Accept_Language=language)

    said = {(one["pointer"], one["code"]): one["message"] for one in answer.json()["problems"]}
    assert missing in said["/health/cause", "required"]
    found = " ".join(said.values())
    assert ("cause" in found.replace("main cause", ""), "id_no" in found) == (False, False)


RAW: list[tuple[str, bytes, str, int, str]] = [
    ("a duplicate key", b'{"form":"info_entry","form":"x","answers":{}}', "application/json", 400, "json"),
    ("a float", b'{"form":"info_entry","answers":{"a":1.0}}', "application/json", 400, "json"),
    ("NaN", b'{"form":"info_entry","answers":{"a":NaN}}', "application/json", 400, "json"),
    ("bad UTF-8", b'{"form":"\xff","answers":{}}', "application/json", 400, "json"),
    ("a NUL", b'{"form":"info_entry","answers":{"a":"\\u0000"}}', "application/json", 400, "json"),
    ("a bidi control", '{"form":"x","answers":{"a":"\u202e"}}'.encode(), "application/json", 400, "json"),
    ("a nest", b'{"form":"x","answers":' + b"[" * 50_000, "application/json", 400, "json"),
    ("a list", b"[]", "application/json", 400, "request.malformed"),
    ("an unknown member", b'{"form":"x","answers":{},"z":1}', "application/json", 400, "request.malformed"),
    ("a wrong type", b'{"form":1,"answers":{}}', "application/json", 400, "request.malformed"),
    ("another content type", b'{"form":"x","answers":{}}', "text/plain", 415, "content_type"),
    ("too long a body", b" " * 1_048_577, "application/json", 413, "body.too_large"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"), [row[1:] for row in RAW], ids=[r[0] for r in RAW]
)
def test_bad_input_is_a_clear_refusal_and_nothing_is_stored(
    partner: Partner, body: bytes, kind: str, status: int, code: str
) -> None:
    before = partner.demo.services.desk.journal.next_index
    answer = partner.client.post(
        "/api/v1/documents",
        content=body,
        headers=partner.headers(Idempotency_Key="bad", Content_Type=kind),
    )
    assert code_of(answer) == (status, code)
    assert partner.demo.services.desk.journal.next_index == before


def test_a_wrong_member_is_named_as_a_member_of_the_request(partner: Partner) -> None:
    headers = partner.headers(Idempotency_Key="bad", Content_Type="application/json", Accept_Language="zh")
    answer = partner.client.post("/api/v1/documents", content=b'{"form":1,"z":1}', headers=headers)
    assert [one["message"] for one in answer.json()["problems"]] == [
        "请求中没有成员 z：删去，或按 openapi.json 改名",
        "缺少成员 answers",
        "成员 form 须是 string",
    ]
    for asked in ("0", "101", "many"):
        found = partner.get(f"/documents?limit={asked}").json()["problems"]
        assert found == [{"pointer": "/limit", "code": "range", "message": "limit 须是 1 至 100 的整数"}]


def test_a_write_without_a_key_is_refused(partner: Partner) -> None:
    for path in ("/documents", "/documents/aaaaaaaaaaaaaaaaaaaaaaaaaa/transitions/withdraw", "/files"):
        answer = partner.client.post(f"/api/v1{path}", json={}, headers=partner.headers())
        assert code_of(answer) == (400, "idempotency_key.missing")


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer nonsense", "Basic eDp5", "Bearer fj_" + "A" * 43])
def test_without_a_valid_token_nothing_is_told(partner: Partner, header: str) -> None:
    for path in ("/documents", "/documents/aaaaaaaaaaaaaaaaaaaaaaaaaa", "/forms/info_entry"):
        answer = partner.client.get(f"/api/v1{path}", headers={"Authorization": header} if header else {})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_an_expired_token_and_an_ended_contract_are_refused(partner: Partner) -> None:
    desk = partner.demo.services.desk
    account = desk.directory.by_staff_no(PARTNER_STAFF_NO)
    assert account is not None and account.partner is not None
    short = make_token(desk, account, PASSPHRASE, "short", "2026-01-31")
    answer = partner.client.get("/api/v1/documents", headers={"Authorization": f"Bearer {short}"})
    assert code_of(answer) == (401, "token.ended")
    account = desk.directory.by_staff_no(PARTNER_STAFF_NO)
    assert account is not None and account.partner is not None
    desk.directory.save(replace(account, partner={**account.partner, "contract_to": "2026-01-31"}))
    try:
        assert code_of(partner.get("/documents")) == (403, "contract.ended")
    finally:
        desk.directory.save(account)


def test_a_token_whose_account_holds_no_grant_any_more_is_told_so(partner: Partner) -> None:
    """Nothing is listed empty as if there were nothing, and nothing is taken (R4.5.2b)."""
    desk = partner.demo.services.desk
    account = desk.directory.by_staff_no(PARTNER_STAFF_NO)
    assert account is not None
    desk.directory.save(replace(account, grants=()))
    try:
        listed = partner.get("/documents")
        refused = partner.post("/documents", {"form": "info_entry", "answers": {}})
        assert {code_of(listed), code_of(refused)} == {(403, "token.no_grants")}
        assert "没有任何权限" in listed.json()["title"]
    finally:
        desk.directory.save(account)


def test_the_partner_sees_no_document_of_others(partner: Partner) -> None:
    foreign = next(row for row in partner.demo.rows() if row["unit"] == "claims")
    assert code_of(partner.get(f"/documents/{foreign['doc']}"))[0] == 404
    own = {row["doc"] for row in partner.get("/documents?limit=100").json()["documents"]}
    assert foreign["doc"] not in own


def test_only_files_that_are_what_they_say_come_in(partner: Partner) -> None:
    def send(data: bytes, kind: str) -> Response:
        headers = partner.headers(Idempotency_Key=f"f-{next(_numbers)}", Content_Type=kind)
        return partner.client.post("/api/v1/files", content=data, headers=headers)

    assert code_of(send(b"MZ not a picture", "image/png"))[0] == 422
    assert code_of(send(picture("id_card", "F-1", "x"), "image/jpeg")) == (415, "content_type")
    assert code_of(send(b"", "image/png"))[0] == 422


def test_neither_the_token_nor_the_passphrase_lies_on_disk(partner: Partner) -> None:
    for path in partner.demo.data.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert partner.token.encode() not in data
            assert PASSPHRASE.encode() not in data


def test_the_description_names_every_route_and_only_those(partner: Partner) -> None:
    described = partner.client.get("/api/v1/openapi.json").json()
    assert described == json.loads(json.dumps(describe()))
    api = next(r.app for r in partner.client.app.routes if getattr(r, "path", "") == "/api/v1")  # type: ignore[attr-defined]
    paths = {route.path.replace(":int", "") for route in api.routes} - {"/openapi.json"}
    assert set(described["paths"]) == paths
    for name in SCHEMAS:
        Draft202012Validator.check_schema(SCHEMAS[name])


def test_refusals_come_in_english_when_asked(partner: Partner) -> None:
    answer = partner.client.get("/api/v1/documents", headers={"Accept-Language": "en-GB,zh;q=0.5"})
    assert answer.json()["title"] == "Authorization: Bearer token is missing"
