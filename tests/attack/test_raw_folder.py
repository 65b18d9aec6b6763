"""Nobody is found in the raw files: names, numbers, phones, addresses and cards of everybody who was entered.

Every file that the server made is searched (data, configuration, temporary files, log lines), in the ways a
careless program would have written it.
"""

from __future__ import annotations

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

import schemas
from tests.attack.browser import Browser
from tests.attack.house import Place, Server, served
from web.demo.people import PASSPHRASE, PASSWORD, PEOPLE
from web.demo.seed import _OTHERS

PERSONAL = frozenset(
    {
        "full_name", "id_no", "mobile", "landline", "residence_address", "caregiver_name", "bank_card_no",
        "payee_name", "psn_no", "social_card_no",
    }
)  # fmt: skip
FOLDER = schemas.root() / "info_entry" / "1.0.0" / "examples"
LEAST = 6  # bytes: shorter needles would be found by chance in megabytes of cipher text
MARKED = "许愿池边的石头"


def personal(value: Any) -> Iterator[str]:
    """Every personal text in some answers."""
    if isinstance(value, dict):
        for name, one in value.items():
            if name in PERSONAL and isinstance(one, str) and one:
                yield one
            else:
                yield from personal(one)
    elif isinstance(value, list):
        for one in value:
            yield from personal(one)


def people_of_the_examples() -> set[str]:
    answers = [json.loads(one.read_bytes())["data"] for one in FOLDER.iterdir() if one.name.startswith("ok-")]
    found = {text for one in answers for text in personal(one)}
    assert {"张文兰", "31019919420315026X", "19900000012", "示范路88弄6号302室"} <= found
    return found - {"示范区安和护理站"}  # an office is nobody


def spellings(text: str) -> Iterator[tuple[str, bytes]]:
    """The bytes a text may lie in a file as."""
    plain = text.encode()
    forms = [("UTF-8", plain), ("UTF-16LE", text.encode("utf-16-le")), ("UTF-16BE", text.encode("utf-16-be"))]
    if not text.isascii():
        forms.append(("GB18030", text.encode("gb18030")))
        forms.append(("JSON escapes", json.dumps(text)[1:-1].encode()))
        forms.append(("per cent", quote(text).encode()))
    forms.append(("reversed", plain[::-1]))
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + plain)
        inner = encoded[(0, 2, 3)[offset] : -(3 if len(plain) + offset % 3 else 1) - 1]
        forms += [(f"base64+{offset}", inner), (f"base64url+{offset}", inner.translate(b_to_url))]
    forms += [("hex", plain.hex().encode()), ("HEX", plain.hex().upper().encode())]
    yield from ((name, data) for name, data in forms if len(data) >= LEAST)


b_to_url = bytes.maketrans(b"+/", b"-_")


def contents(file: Path) -> Iterator[tuple[str, bytes]]:
    """A file's bytes, and what lies packed in it (PDF streams, gzip)."""
    data = file.read_bytes()
    yield str(file), data
    if data[:2] == b"\x1f\x8b":
        yield f"{file} (gzip)", gzip.decompress(data)
    for found in re.finditer(rb"stream\r?\n(.*?)endstream", data, re.DOTALL):
        try:
            yield f"{file} (stream)", zlib.decompressobj().decompress(found[1])
        except zlib.error:
            continue


def use(server: Server) -> list[bytes]:
    """Everything that could leave somebody behind: reading, searching, printing, drafts, refused requests."""
    clerk, auditor = Browser(server).sign_in("YW000231"), Browser(server).sign_in("SH000101")
    shown = []
    inbox = clerk.get("/inbox/mine").body.decode()
    docs = sorted(set(re.findall(r"/documents/([a-z2-7]{26})", inbox)))
    assert len(docs) >= 3
    for doc in docs:
        shown.append(clerk.get(f"/documents/{doc}").body)
        auditor.get(f"/documents/{doc}/review")
        auditor.post(f"/documents/{doc}/reveal", [("pointer", "/insured/id_no")])
        clerk.get(f"/documents/{doc}/bundle?disclose=all")
    printed = clerk.get(f"/documents/{docs[0]}/print")
    assert printed.headers["content-type"] == "application/pdf", printed.body[:300]
    clerk.post("/verify", [("text", "张文兰")])
    clerk.upload("/verify", "张文兰.pdf", printed.body, "application/pdf")
    for wanted in ("张文兰", "31019919420315026X", "周建国"):
        clerk.post("/search", [("q", wanted)])
    begun = clerk.post("/entry/new/info_entry", [("choice", "first_assessment")])
    draft = begun.headers["location"]
    typed = [("/insured/full_name", MARKED), ("/insured/id_no", "31019919420315026X"), ("_save", "1")]
    clerk.post(draft, [("_revision", "1"), *typed])
    clerk.post(f"{draft}/field", [*typed, ("_field", "/insured/id_no")])
    letter = f"%PDF-1.4\n% {MARKED} 31019919420315026X\n%%EOF\n".encode()
    assert clerk.upload(f"{draft}/files", f"{MARKED}.pdf", letter, "application/pdf").status in (201, 303)
    token = re.findall(r"fj_[A-Za-z0-9_-]+", server.words.read_text())[-1]
    example = json.loads(FOLDER.joinpath("ok-1-first-assessment.json").read_bytes())["data"]
    example["insured"]["nickname"] = MARKED
    for body in ({"form": "info_entry", "answers": example}, {"form": MARKED, "answers": {MARKED: 1}}):
        assert server.call("POST", "/documents", token, body, "refused").status >= 400
    server.call("GET", f"/documents/{quote(MARKED)}", token)
    clerk.get(f"/nowhere/{quote(MARKED)}")
    Browser(server).post("/sign-in", [("staff_no", MARKED), ("password", MARKED)])
    return shown


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """The demo's folders after a day's use, before and after the server ended."""
    place = Place(tmp_path_factory.mktemp("demo"))
    with served(place, "demo") as server:
        shown = use(server)
        assert any("张文兰".encode() in page for page in shown), "nobody was shown, so nobody could be left"
    yield place


def test_nobody_is_found_in_the_files_of_the_server(used: Place) -> None:
    wanted = people_of_the_examples() | set(_OTHERS) | {one.name for one in PEOPLE} | {MARKED}
    needles = [(text, how, data) for text in sorted(wanted) for how, data in spellings(text)]
    found, looked_at = set(), 0
    for file in sorted(one for one in used.folder.rglob("*") if one.is_file()):
        if file.name == "stdout.log":  # the list of sign-ins, printed for the person at the terminal
            continue
        for name, data in contents(file):
            looked_at += len(data)
            found |= {(text, how, name) for text, how, needle in needles if needle in data}
    assert found == set()
    assert looked_at > 200_000


def test_neither_password_nor_passphrase_nor_token_is_found(used: Place) -> None:
    token = re.findall(r"fj_[A-Za-z0-9_-]+", (used.folder / "stdout.log").read_text())[-1]
    secrets = [(text, how, data) for text in (PASSWORD, PASSPHRASE, token) for how, data in spellings(text)]
    files = [one for one in used.folder.rglob("*") if one.is_file() and one.name != "stdout.log"]
    found = {
        (how, name)
        for file in files
        for name, data in contents(file)
        for _, how, needle in secrets
        if needle in data
    }
    assert found == set()


def test_files_of_the_server_are_its_owners_alone(used: Place) -> None:
    closed = [used.data, *(used.folder / "configuration" / "fengjian").iterdir()]
    assert {one.stat().st_mode & 0o077 for one in closed} == {0}
    files = [one for folder in closed for one in folder.rglob("*") if one.is_file()]
    public = {"trust"}  # for anybody to pin
    open_to_others = {
        one.name
        for one in files
        if one.stat().st_mode & 0o077 and not public & set(one.relative_to(used.folder).parts)
    }
    assert (len(files) > 40, open_to_others) == (True, set())


def test_the_search_would_find_what_it_looks_for(tmp_path: Path) -> None:
    text = "示范路88弄6号302室"
    kinds = {how for how, _ in spellings(text)}
    assert len(kinds) == 15
    for shift in range(3):
        lying = base64.b64encode(b"x" * shift + text.encode() + b"yz")
        assert any(data in lying for how, data in spellings(text) if how.startswith("base64"))
    packed = b"1 0 obj\nstream\n" + zlib.compress(text.encode()) + b"\nendstream"
    (tmp_path / "a.pdf").write_bytes(packed)
    assert any(text.encode() in data for _, data in contents(tmp_path / "a.pdf"))
