"""Files that are no bundle: JSON outside the profile, other spellings, missing and strange members."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from tests.corpus.case import Case, changed, replaced, reviewed, unread
from tests.engine.trust.agency import DOC


def cases() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _texts()
    yield from _members()
    yield from _envelopes()


def _texts() -> Iterator[Case]:
    good = reviewed().bundle(DOC)
    spaced = json.dumps(json.loads(good), ensure_ascii=False, sort_keys=True).encode()
    backwards = json.dumps(
        dict(reversed(json.loads(good).items())), ensure_ascii=False, separators=(",", ":")
    ).encode()
    yield unread("empty-file", "A file of no bytes.", b"")
    yield unread("not-json", "A text that is no JSON.", b"fengjian\n")
    yield unread("json-of-something-else", "JSON, but no bundle.", b'{"hello":"world"}')
    yield unread("cut-in-the-middle", "The download stopped half way.", good[: len(good) // 2])
    yield unread("byte-appended", "A line feed was added at the end.", good + b"\n")
    yield unread("byte-order-mark", "An editor put a byte order mark in front.", b"\xef\xbb\xbf" + good)
    yield unread("white-space", "The same value, printed with spaces.", spaced)
    yield unread("keys-not-sorted", "The same value with its members in another order.", backwards)
    yield unread("not-utf-8", "One byte is no UTF-8.", replaced(b"/insured", b"/ins\xffred"))
    yield unread("duplicate-key", "Two members have one name; readers differ on which counts.",
                 good.replace(b'"tokens":[]', b'"tokens":[],"tokens":[]'))
    yield unread("number-with-fraction", "A number is written 0.0 and not 0.",
                 replaced(b'"part":0', b'"part":0.0'))
    yield unread("number-with-exponent", "A number is written 0e0 and not 0.",
                 replaced(b'"part":0', b'"part":0e0'))
    yield unread("number-beyond-2-53", "A number that JSON readers round.",
                 replaced(b'"part":0', b'"part":9007199254740993'))
    yield unread("minus-zero", "Zero is written -0.", replaced(b'"part":0', b'"part":-0'))
    yield unread("not-a-number", "A value is NaN, which is no JSON.", replaced(b'"part":0', b'"part":NaN'))
    yield unread("lone-surrogate", "A text holds half of a character.",
                 replaced("张".encode(), b"\\ud83d"))
    yield unread("reversed-text", "A text holds a control that shows it backwards.",
                 replaced("张".encode(), "\u202e张".encode()))
    yield unread("escaped-nul", "A text holds an escaped NUL.", replaced("张".encode(), b"\\u0000"))
    yield unread("needless-escape", "A character is escaped that needs no escape.",
                 replaced("张".encode(), b"\\u5f20"))
    yield unread("key-outside-the-alphabet", "A member has a space in its name.",
                 good.replace(b'"tokens":[]', b'"to kens":[]'))
    yield unread("nested-too-deep", "A value is nested deeper than 32.",
                 replaced(b'"tokens":[]', b'"tokens":' + b"[" * 40 + b"]" * 40))
    yield unread("nested-bomb", "Ten thousand open brackets.", b"[" * 10_000)


def _members() -> Iterator[Case]:
    def without(name: str) -> bytes:
        return changed(lambda value: value.pop(name))

    def having(**members: Any) -> bytes:
        return changed(lambda value: value.update(members))

    yield unread("member-missing", "The head statement is left out.", without("head"))
    yield unread("member-unknown", "There is a member the format does not know.", having(note="read me"))
    yield unread("format-of-the-future", "The format is of another version.",
                 having(format="fengjian-bundle/v2"))
    yield unread("tokens-of-an-unknown-kind", "There are time tokens, which this version does not know.",
                 having(tokens=["AAAA"]))
    yield unread("events-no-list", "The events are no list.", having(events={}))
    yield unread("form-no-text", "A form bundle is an object and not a text.", having(forms=[{}]))

    def time(value: dict[str, Any]) -> None:
        value["events"][0]["received_at"] = "2026-11-22 06:45:00"

    yield unread("time-in-another-spelling", "A time of receipt is not written as the format says.",
                 changed(time))

    def proof(value: dict[str, Any]) -> None:
        value["events"][0]["proof"] = value["events"][0]["proof"].replace("index 1", "index 01")

    yield unread("index-with-a-leading-zero", "An index is spelled in a second way.", changed(proof))

    def hashes(value: dict[str, Any]) -> None:
        lines = value["events"][0]["proof"].split("\n")
        lines[2] = "AAAA"
        value["events"][0]["proof"] = "\n".join(lines)

    yield unread("proof-hash-too-short", "A hash of a proof has three bytes.", changed(hashes))


def _envelopes() -> Iterator[Case]:
    def envelope(change: Any) -> bytes:
        return changed(lambda value: change(value["events"][0]["envelope"]))

    def set_payload(text: Any) -> bytes:
        def change(one: dict[str, Any]) -> None:
            one["payload"] = text(one["payload"])

        return envelope(change)

    yield unread("base64-without-padding", "A payload's padding is left out.",
                 set_payload(lambda text: text[:-4] + text[-4:].rstrip("=")[:3]))
    yield unread("base64-other-spelling", "Bits that base64 ignores are set: other text, same bytes.",
                 set_payload(_respelled))
    yield unread("base64url", "A payload is in the alphabet for addresses.",
                 set_payload(lambda text: "-_" + text[2:]))
    yield unread("base64-with-line-feed", "A payload is broken into lines.",
                 set_payload(lambda text: text[:64] + "\n" + text[64:]))

    def kind(one: dict[str, Any]) -> None:
        one["payloadType"] = "application/vnd.in-toto+json"

    yield unread("payload-type-unknown", "An envelope is of a type the format does not know.", envelope(kind))

    def case_of(one: dict[str, Any]) -> None:
        one["payloadType"] = one["payloadType"].upper()

    yield unread("payload-type-in-capitals", "The type is right but for its case.", envelope(case_of))

    def unsigned(one: dict[str, Any]) -> None:
        one["signatures"] = []

    yield unread("no-signature", "An envelope carries no signature.", envelope(unsigned))

    def many(one: dict[str, Any]) -> None:
        one["signatures"] = one["signatures"] * 9

    yield unread("eighteen-signatures", "An envelope carries more signatures than the format allows.",
                 envelope(many))

    def claimed(one: dict[str, Any]) -> None:
        one["signatures"][0]["keyid"] = one["signatures"][1]["keyid"]

    yield unread("key-id-of-another-key", "A key is shown under the id of another key.", envelope(claimed))

    def member(one: dict[str, Any]) -> None:
        one["signatures"][0]["note"] = ""

    yield unread("signature-with-a-member-too-many", "A signature has a member the format does not know.",
                 envelope(member))


def _respelled(text: str) -> str:
    # The last group of a padded text has bits that no byte takes; 'A' and 'B' differ in them alone.
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    body = text.rstrip("=")
    if body == text:
        raise ValueError("a payload without padding has one spelling")
    return body[:-1] + letters[letters.index(body[-1]) + 1] + "=" * (len(text) - len(body))
