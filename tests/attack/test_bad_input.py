"""Bad input to the API of a real server: a clear refusal that names the place, and nothing is stored."""

from __future__ import annotations

import gzip
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.attack.agency import GAOYAN, XIAOLIN, Town

JSON = "application/json"
MIB = 1024 * 1024


@contextmanager
def nothing_stored(town: Town) -> Iterator[None]:
    """The log is as long after the block as before."""
    before = town.server.log_size()
    yield
    assert town.server.log_size() == before


def in_answers(text: str) -> bytes:
    return b'{"form":"info_entry","answers":{"entry":' + text.encode("utf-8", "surrogatepass") + b"}}"


# (name, body, status, code, pointer and code of the first problem)
BODIES: list[tuple[str, bytes, int, str, tuple[str, str]]] = [
    ("nothing", b"", 400, "json", ("", "json.syntax")),
    ("a list", b"[]", 400, "request.malformed", ("", "type")),
    ("a text", b'"x"', 400, "request.malformed", ("", "type")),
    ("no answers", b'{"form":"info_entry"}', 400, "request.malformed", ("/answers", "required")),
    ("an unknown member", b'{"form":"info_entry","answers":{},"admin":true}', 400, "request.malformed",
     ("/admin", "unknown_field")),
    ("a wrong member", b'{"form":["info_entry"],"answers":{}}', 400, "request.malformed", ("/form", "type")),
    ("a wrong confirmation", b'{"form":"info_entry","answers":{},"confirmed":[1]}', 400, "request.malformed",
     ("/confirmed/0", "type")),
    ("a duplicate key", in_answers('{"a":1,"a":1}'), 400, "json", ("/answers/entry/a", "json.duplicate_key")),
    ("a duplicate by escape", in_answers('{"a":1,"\\u0061":1}'), 400, "json",
     ("/answers/entry/a", "json.duplicate_key")),
    ("a float", in_answers('{"a":1.0}'), 400, "json", ("/answers/entry/a", "json.float")),
    ("an exponent", in_answers('{"a":[1,1e2]}'), 400, "json", ("/answers/entry/a/1", "json.float")),
    ("NaN", in_answers("NaN"), 400, "json", ("/answers/entry", "json.constant")),
    ("a huge integer", in_answers("9" * 5_000), 400, "json", ("/answers/entry", "json.number_range")),
    ("2**53", in_answers(str(2**53)), 400, "json", ("/answers/entry", "json.number_range")),
    ("a half million digits", in_answers("9" * 500_000), 400, "json",
     ("/answers/entry", "json.number_range")),
    ("bad UTF-8", b'{"form":"\xff","answers":{}}', 400, "json", ("", "json.utf8")),
    ("overlong UTF-8", b'{"form":"\xc0\xaf","answers":{}}', 400, "json", ("", "json.utf8")),
    ("a lone surrogate", in_answers('{"a":"\\ud800"}'), 400, "json",
     ("/answers/entry/a", "json.surrogate")),
    ("a surrogate in UTF-8", in_answers('{"a":"\ud800"}'), 400, "json", ("", "json.utf8")),
    ("a byte order mark", b"\xef\xbb\xbf{}", 400, "json", ("", "json.bom")),
    ("UTF-16", '{"form":"x"}'.encode("utf-16"), 400, "json", ("", "json.utf8")),
    ("an escaped NUL", in_answers('{"a":"x\\u0000"}'), 400, "json",
     ("/answers/entry/a", "json.control_character")),
    ("a raw NUL", in_answers('{"a":"\x00"}'), 400, "json", ("/answers/entry/a", "json.syntax")),
    ("a bidi control", in_answers('{"a":"\u202egpj.exe"}'), 400, "json",
     ("/answers/entry/a", "json.control_character")),
    ("an escaped bidi isolate", in_answers('{"a":"\\u2066"}'), 400, "json",
     ("/answers/entry/a", "json.control_character")),
    ("a key outside of the alphabet", in_answers('{"姓名":"x"}'), 400, "json",
     ("/answers/entry/姓名", "json.key")),
    ("a prototype key", in_answers('{"a b":1}'), 400, "json", ("/answers/entry/a b", "json.key")),
    ("a key of 65 letters", in_answers(json.dumps({"a" * 65: 1})), 400, "json",
     ("/answers/entry/" + "a" * 65, "json.key")),
    ("33 levels", in_answers("[" * 40 + "]" * 40), 400, "json",
     ("/answers/entry" + "/0" * 30, "json.too_deep")),
    ("10,000 levels", in_answers("[" * 10_000 + "]" * 10_000), 400, "json",
     ("/answers/entry" + "/0" * 30, "json.too_deep")),
    ("10,000 objects", in_answers('{"a":' * 10_000 + "1" + "}" * 10_000), 400, "json",
     ("/answers/entry" + "/a" * 30, "json.too_deep")),
    ("open brackets", in_answers("[" * 400_000), 400, "json",
     ("/answers/entry" + "/0" * 30, "json.too_deep")),
    ("rubbish behind", b'{"form":"info_entry","answers":{}} x', 400, "json", ("", "json.syntax")),
    ("a comment", in_answers("/**/1"), 400, "json", ("/answers/entry", "json.syntax")),
    ("single quotes", b"{'form':'x'}", 400, "json", ("", "json.syntax")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "status", "code", "first"), [r[1:] for r in BODIES], ids=[r[0] for r in BODIES]
)
def test_a_body_outside_the_profile_is_refused_at_its_place(
    town: Town, body: bytes, status: int, code: str, first: tuple[str, str]
) -> None:
    with nothing_stored(town):
        answer = town.call(XIAOLIN, "POST", "/documents", body, "bad")
        assert answer.code == (status, code)
        problem = answer.json()["problems"][0]
        assert (problem["pointer"], problem["code"]) == first
        assert problem["message"]


WRONG: list[tuple[str, str, Any, tuple[str, str]]] = [
    ("an unknown section", "/surprise", {"a": 1}, ("/surprise", "unknown_field")),
    ("an unknown field", "/insured/nickname", "阿芳", ("/insured/nickname", "unknown_field")),
    ("a number for a text", "/insured/full_name", 7, ("/insured/full_name", "type")),
    ("a text for a section", "/insured", "x", ("/insured", "type")),
    ("a list for an object", "/insurance", [], ("/insurance", "type")),
    ("null", "/insured/mobile", None, ("/insured/mobile", "type")),
    ("a boolean for a number", "/health/duration_months", True, ("/health/duration_months", "type")),
    ("a wrong check digit", "/insured/id_no", "310199194203150261", ("/insured/id_no", "V1.checksum")),
    ("an unknown code", "/insured/gender", "unknown", ("/insured/gender", "enum")),
    ("a date that is none", "/insured/birth_date", "1942-02-30", ("/insured/birth_date", "format.date")),
    ("a very long text", "/insured/full_name", "张" * 200_000, ("/insured/full_name", "max_length")),
    ("markup", "/files/0/file_id", "<script>", ("/files/0/file_id", "pattern")),
    ("a path", "/files/0/sha256", "../../vault/ring", ("/files/0/sha256", "format.hex64")),
    ("a file nobody sent", "/files/0/sha256", "0" * 64, ("/files/0/sha256", "file.unknown")),
]


@pytest.mark.parametrize(("pointer", "value", "expected"), [r[1:] for r in WRONG], ids=[r[0] for r in WRONG])
def test_a_wrong_answer_is_refused_at_its_pointer(
    town: Town, pointer: str, value: Any, expected: tuple[str, str]
) -> None:
    body = town.body()
    place: Any = body["answers"]
    *way, last = pointer[1:].split("/")
    for step in way:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[last] = value
    with nothing_stored(town):
        answer = town.call(XIAOLIN, "POST", "/documents", body, "wrong")
        assert answer.code == (422, "answers")
        found = [(one["pointer"], one["code"]) for one in answer.json()["problems"]]
        assert expected in found


def test_five_megabytes_of_brackets_hold_nobody_up(town: Town) -> None:
    times: list[float] = []
    is_over = threading.Event()

    def honest() -> None:
        connection = town.server.connect()
        while not is_over.is_set():
            began = time.monotonic()
            answer = town.server.call("GET", "/documents", town.keys.tokens[GAOYAN], connection=connection)
            assert answer.status == 200
            times.append(time.monotonic() - began)
        connection.close()

    town.call(GAOYAN, "GET", "/documents")
    watcher = threading.Thread(target=honest)
    watcher.start()
    try:
        while not times and watcher.is_alive():
            time.sleep(0.001)
        for body in (b"[" * (5 * MIB), b'{"a":' * MIB, in_answers("[" * 10_000), b"[" * (MIB - 1)):
            began = time.monotonic()
            answer = town.call(XIAOLIN, "POST", "/documents", body, "brackets")
            spent = time.monotonic() - began
            assert answer.status in (400, 413) and spent < 5, (answer.status, spent)
    finally:
        is_over.set()
        watcher.join()
    assert len(times) > 1 and max(times) < 5  # a quadratic parser takes minutes


HEADERS: list[tuple[str, dict[str, str], bytes, tuple[int, str]]] = [
    ("a form", {"Content-Type": "application/x-www-form-urlencoded"}, b"form=x", (415, "content_type")),
    ("text", {"Content-Type": "text/plain"}, b"{}", (415, "content_type")),
    ("another charset", {"Content-Type": "application/json; charset=gbk"}, b"{}", (415, "content_type")),
    ("no type", {"Content-Type": ""}, b"{}", (415, "content_type")),
    ("gzip", {"Content-Type": JSON, "Content-Encoding": "gzip"}, gzip.compress(b"{}"),
     (415, "content_encoding")),
    ("too long", {"Content-Type": JSON}, b" " * (MIB + 1), (413, "body.too_large")),
    ("no key", {"Content-Type": JSON, "Idempotency-Key": ""}, b"{}", (400, "idempotency_key.malformed")),
    ("a key with a space", {"Content-Type": JSON, "Idempotency-Key": "a b"}, b"{}",
     (400, "idempotency_key.malformed")),
    ("a key of 129 letters", {"Content-Type": JSON, "Idempotency-Key": "k" * 129}, b"{}",
     (400, "idempotency_key.malformed")),
]  # fmt: skip


@pytest.mark.parametrize(("headers", "body", "code"), [r[1:] for r in HEADERS], ids=[r[0] for r in HEADERS])
def test_a_request_with_wrong_headers_is_refused(
    town: Town, headers: dict[str, str], body: bytes, code: tuple[int, str]
) -> None:
    sent = {"Authorization": f"Bearer {town.keys.tokens[XIAOLIN]}", "Idempotency-Key": "headers"} | headers
    with nothing_stored(town):
        assert town.server.send("POST", "/api/v1/documents", body, sent).code == code


def test_a_write_without_a_key_is_refused(town: Town) -> None:
    with nothing_stored(town):
        assert town.call(XIAOLIN, "POST", "/documents", town.body()).code == (400, "idempotency_key.missing")


RAW: list[tuple[str, str, bytes]] = [
    ("a negative length", "Content-Length: -1", b""),
    ("two lengths", "Content-Length: 2\r\nContent-Length: 5", b"{}"),
    ("a length and chunks", "Content-Length: 2\r\nTransfer-Encoding: chunked", b"0\r\n\r\n"),
    ("a length in words", "Content-Length: two", b"{}"),
    ("no length", "X-Nothing: 1", b""),
    ("a broken chunk", "Transfer-Encoding: chunked", b"zz\r\n{}\r\n0\r\n\r\n"),
    ("an endless chunked body", "Transfer-Encoding: chunked", b"10000\r\n" + b" " * 65536 + b"\r\n"),
    ("a folded header", "X-A: 1\r\n Content-Length: 2", b"{}"),
    ("a NUL in a header", "X-A: \x00", b""),
]


@pytest.mark.parametrize(("line", "body"), [r[1:] for r in RAW], ids=[r[0] for r in RAW])
def test_a_malformed_request_is_refused_before_it_means_anything(town: Town, line: str, body: bytes) -> None:
    head = (
        "POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {town.keys.tokens[XIAOLIN]}\r\nIdempotency-Key: raw\r\n"
        f"Content-Type: application/json\r\n{line}\r\n\r\n"
    ).encode("latin-1")
    repeated = body * 40 if body.startswith(b"10000") else body
    with nothing_stored(town):
        try:
            answer = town.server.raw(head + repeated, 5)
        except (BrokenPipeError, ConnectionResetError):
            answer = b"HTTP/1.1 400 "  # closed while the rubbish was still being sent
        assert answer[:10] == b"HTTP/1.1 4", answer[:200]


def test_a_chunked_body_is_as_good_as_one_with_a_length(town: Town) -> None:
    data = json.dumps(town.body(), ensure_ascii=False).encode()
    pieces = [data[at : at + 700] for at in range(0, len(data), 700)]
    head = (
        "POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {town.keys.tokens[XIAOLIN]}\r\nIdempotency-Key: chunked\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    ).encode()
    body = b"".join(b"%x\r\n%s\r\n" % (len(one), one) for one in pieces) + b"0\r\n\r\n"
    assert town.server.raw(head + body).startswith(b"HTTP/1.1 201")


ADDRESSES = [
    "/documents?limit=0", "/documents?limit=101", "/documents?limit=-1", "/documents?limit=1e1",
    "/documents?limit=%C2%B2", "/documents?limit=" + "9" * 5000, "/documents?limit=", "/documents?limit=%00",
    "/documents?after=nothing", "/documents?after=%00", "/documents?after=" + "a" * 9000,
    "/documents?state=%E5%A7%93", "/documents/" + "a" * 26, "/documents/" + "A" * 26, "/documents/%2e%2e",
    "/documents/..%2f..%2fvault%2fring", "/documents/%00", "/documents/%FF",
    "/documents/" + "a" * 26 + "/receipts/1", "/documents/" + "a" * 26 + "/receipts/" + "9" * 5000,
    "/documents/" + "a" * 26 + "/receipts/-1", "/documents/" + "a" * 26 + "/bundle?disclose=%00",
    "/forms/..%2f..%2fcodes", "/forms/info_entry?version=..%2F..", "/forms/info_entry?version=9.9.9",
    "/forms/%00", "/forms/" + "x" * 5000, "/nowhere", "/documents/../../status",
]  # fmt: skip


@pytest.mark.parametrize("path", ADDRESSES, ids=[one[:48] for one in ADDRESSES])
def test_a_strange_address_is_a_clear_refusal_or_an_empty_answer(town: Town, path: str) -> None:
    answer = town.call(XIAOLIN, "GET", path)
    if answer.status != 200:
        assert answer.code[0] in (400, 404, 422)
    else:
        assert answer.json()["documents"] == [] or "after=" in path
