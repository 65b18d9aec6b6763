"""Events: forged and strange signatures, malformed statements, wrong order, wrong person, wrong form."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from engine.trust import canonical, head, identifiers, keys, statement
from engine.trust.envelope import EVENT, HEAD, Envelope, Signature, pae
from engine.trust.statement import ActorRef, FormRef
from tests.corpus.case import (
    APPROVE,
    CLAIM,
    SHOWN,
    SUBMIT,
    Case,
    agency_where,
    changed,
    malformed,
    reviewed,
)  # fmt: skip
from tests.engine.trust.agency import (
    DOC,
    FORM,
    LIN,
    ORIGIN,
    PLATFORM,
    STATES,
    WANG,
    ZHOU,
    Agency,
    key_of,
    person_entry,
    secret,
    signed_by,
    with_a_document,
)  # fmt: skip

ORDER_OF_GROUP = 2**252 + 27742317777372353535851937790883648493
OTHER_DOC = identifiers.doc_id(secret("other doc", 16))


def cases() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _good()
    yield from _signatures()
    yield from _statements()
    yield from _order()
    yield from _authority()
    yield from _heads()
    yield from _disclosures()


def _good() -> Iterator[Case]:
    yield Case("good", "A document that was submitted, reviewed and uploaded; two values are shown.",
               with_a_document().bundle(DOC, SHOWN))
    yield Case("good-showing-nothing", "The same with no value disclosed.", with_a_document().bundle(DOC))
    agency = agency_where(SUBMIT)
    agency.records[1].received_at = "2026-11-22T06:45:00Z"
    agency.act(DOC, *CLAIM, time="2026-11-22T06:00:00Z")
    yield Case("good-clock-stepped-back", "The clock went back between two events: the log's order counts.",
               agency.bundle(DOC))


def _logged(signatures: Callable[[Envelope], Sequence[Signature]], *, key: str = LIN) -> bytes:
    """A submission whose signatures were made, or unmade, by hand before it was logged."""
    agency = agency_where()
    one = agency.statement(DOC, LIN, "submit", "draft", "submitted")
    if key != LIN:
        one = replace(one, actor=replace(one.actor, key=identifiers.kid(key_of(key).public_key)))
    honest = signed_by([key_of(key), PLATFORM], EVENT, statement.build(one))
    agency.log(Envelope(EVENT, honest.payload, tuple(signatures(honest))))
    return agency.bundle(DOC)


def _signatures() -> Iterator[Case]:
    broken = {"integrity": "integrity.signature"}
    platform = {"identity": "identity.platform"}

    def with_actor(change: Callable[[bytes], bytes]) -> bytes:
        def apply(one: Envelope) -> Sequence[Signature]:
            mine = one.signatures[0]
            return (replace(mine, signature=change(mine.signature)), one.signatures[1])

        return _logged(apply)

    def plus_order(sig: bytes) -> bytes:
        scalar = int.from_bytes(sig[32:], "little") + ORDER_OF_GROUP
        return sig[:32] + scalar.to_bytes(32, "little")

    yield Case("signature-of-zeros", "A signature made with public material only.",
               with_actor(lambda sig: bytes(64)), broken)
    yield Case("signature-malleable", "The same signature with the order of the group added to S.",
               with_actor(plus_order), broken)
    yield Case("signature-with-a-high-bit", "The top bit of a signature is set.",
               with_actor(lambda sig: sig[:63] + bytes([sig[63] | 0x80])), broken)
    yield Case("signature-with-small-order-r", "R of a signature is a point of small order.",
               with_actor(lambda sig: b"\x01" + bytes(31) + sig[32:]), broken)
    yield Case("signature-too-short", "A signature has 63 bytes.", with_actor(lambda sig: sig[:63]), broken)
    yield Case("signature-of-another-event", "A signature was taken from another event.",
               with_actor(lambda sig: keys.sign(key_of(LIN), pae(EVENT, b"{}"))), broken)
    yield Case("signature-for-another-type", "The same payload, signed as a head statement.",
               _logged(lambda one: (
                   replace(one.signatures[0], signature=keys.sign(key_of(LIN), pae(HEAD, one.payload))),
                   one.signatures[1],
               )), broken)  # fmt: skip
    yield Case("key-from-the-envelope", "A stranger's valid signature under the stranger's own key.",
               _logged(lambda one: one.signatures, key="stranger"),
               {"identity": "identity.key", "authority": "authority.key"})
    yield Case("key-of-a-colleague", "The event names 小林, but 周敏's key has signed it.",
               _logged(lambda one: one.signatures, key=ZHOU),
               {"identity": "identity.key", "authority": "authority.key"})
    yield Case("platform-signature-missing", "The platform has not attested the event.",
               _logged(lambda one: one.signatures[:1]), platform)
    yield Case("platform-signature-by-a-stranger", "Somebody else attests in the platform's place.",
               _logged(lambda one: (
                   one.signatures[0], *signed_by([key_of("stranger")], EVENT, one.payload).signatures,
               )), platform)  # fmt: skip
    yield Case("signature-nobody-accounts-for", "A third person has signed the event too.",
               _logged(lambda one: (
                   *one.signatures, *signed_by([key_of("stranger")], EVENT, one.payload).signatures,
               )), platform)  # fmt: skip
    yield Case("signature-repeated", "One signature stands in the envelope twice.",
               _logged(lambda one: (*one.signatures, one.signatures[1])),
               {"integrity": "integrity.repeated_signature"})
    yield Case("suite-not-the-keys", "A signature claims another suite than the statement's.",
               _logged(lambda one: (
                   replace(one.signatures[0], suite="CN1",
                           kid=identifiers.kid(one.signatures[0].public_key, "CN1")), one.signatures[1],
               )), {"integrity": "integrity.suite"})  # fmt: skip
    small = bytes(31) + b"\x80"
    yield Case("signer-key-of-small-order", "The signer's key is a point of small order.",
               _logged(lambda one: (
                   replace(one.signatures[0], public_key=small, kid=identifiers.kid(small)),
                   one.signatures[1],
               )), broken)  # fmt: skip


def _statements() -> Iterator[Case]:
    def signed(text: Callable[[bytes], bytes]) -> bytes:
        def change(value: dict[str, Any]) -> None:
            payload = text(reviewed().records[1].envelope.payload)
            value["events"][0]["envelope"] = signed_by([key_of(LIN), PLATFORM], EVENT, payload).to_json()

        return changed(change)

    def having(**members: Any) -> bytes:
        return signed(lambda payload: canonical.encode({**json.loads(payload), **members}))

    for name, about, data in (
        ("statement-with-duplicate-key", "Two members of what was signed have one name.",
         signed(lambda payload: payload.replace(b'"v":1', b'"v":1,"v":1'))),
        ("statement-with-spaces", "What was signed is not in canonical form.",
         signed(lambda payload: payload.replace(b'"v":1', b'"v": 1'))),
        ("statement-with-one-point-zero", "The version of what was signed is 1.0 and not 1.",
         signed(lambda payload: payload.replace(b'"v":1', b'"v":1.0'))),
        ("statement-with-unknown-member", "What was signed has a member the format does not know.",
         having(note="")),
        ("statement-of-the-future", "What was signed is of version 2.", having(v=2)),
        ("statement-of-an-unknown-suite", "What was signed names another suite.", having(suite="CN1")),
        ("statement-first-with-predecessor", "The first event names one before it.", having(prev="0" * 64)),
        ("statement-time-of-no-day", "The time of an event is on a 32nd.",
         having(time="2026-11-32T00:00:00Z")),
        ("statement-not-json", "What was signed is no JSON.", signed(lambda payload: b"submit")),
        ("statement-empty", "Nothing was signed.", signed(lambda payload: b"")),
    ):  # fmt: skip
        yield malformed(name, about, data, 3)


def _order() -> Iterator[Case]:
    def say(name: str, about: str, agency: Agency, **codes: str) -> Case:
        return Case(name, about, agency.bundle(DOC), codes)

    yield say("event-number-skipped", "The second event calls itself the third.",
              agency_where(SUBMIT, (*CLAIM, {"seq": 3})), order="order.gap")
    yield say("event-names-another-predecessor", "The second event follows an event nobody has.",
              agency_where(SUBMIT, (*CLAIM, {"prev": "0" * 64})), order="order.prev")
    yield say("event-from-another-state", "A document is approved that nobody had claimed.",
              agency_where(SUBMIT, APPROVE), order="order.state", authority="authority.not_same")
    yield say("transition-to-another-state", "A step ends in a state it does not lead to.",
              agency_where(SUBMIT, (ZHOU, "claim", "submitted", "approved")), order="order.transition")
    yield say("transition-unknown", "A step is taken that the form does not have.",
              agency_where(SUBMIT, (ZHOU, "bless", "submitted", "approved")), order="order.transition")
    yield say("first-event-not-from-draft", "A document begins in the middle of its life.",
              agency_where((ZHOU, "claim", "submitted", "under_review")), order="order.state")
    yield say("form-not-carried", "An event names a form version that the bundle does not have.",
              agency_where(SUBMIT, (*CLAIM, {"form": FormRef("info_entry", "1.0.0", "1" * 64)})),
              order="order.form_missing")
    lax = canonical.encode_bundle({
        "schema": {}, "layout": {}, "locale": {},
        "states": {**STATES, "transitions": [{**one, "not_by": []} for one in STATES["transitions"]]},
    })  # fmt: skip
    yield Case("form-replaced-by-a-laxer-one", "The form carried is not the one that was signed.",
               changed(lambda value: value.update(forms=[lax.decode()])), {"order": "order.form_missing"})
    yield Case("form-changed", "The form carried differs from the signed one by one word.",
               changed(lambda value: value.update(forms=[FORM.decode().replace("audit", "avdit")])),
               {"order": "order.form_missing"})
    yield say("event-of-another-agency", "An event names another agency.",
              agency_where((*SUBMIT, {"agency": "310198"})), identity="identity.agency")
    yield Case("event-of-another-log", "An event names another log.",
               agency_where((*SUBMIT, {"origin": "other.example/log"})).bundle(DOC),
               {"order": "order.origin"}, 4)
    yield from _rearranged()


def _rearranged() -> Iterator[Case]:
    def events(pick: Callable[[list[Any]], list[Any]], agency: Agency | None = None) -> bytes:
        return changed(lambda value: value.update(events=pick(value["events"])), agency)

    whole = with_a_document()
    yield Case("events-none", "The bundle carries no event.", events(lambda all_: []),
               {"order": "order.empty"}, 4)
    yield Case("event-dropped-at-the-end", "The last event is left out.",
               events(lambda all_: all_[:-1], whole), {"order": "order.head"})
    yield Case("event-dropped-in-the-middle", "The claim is left out.",
               events(lambda all_: [all_[0], *all_[2:]], whole),
               {"order": "order.gap", "authority": "authority.not_same"})
    yield Case("event-dropped-at-the-start", "The submission is left out.",
               changed(lambda value: value.update(events=value["events"][1:], disclosures=[]), whole),
               {"order": "order.gap", "authority": "authority.own_work"})
    yield Case("event-repeated", "The claim is shown twice.",
               events(lambda all_: [*all_, all_[-1]]), {"order": "order.gap"})
    yield Case("events-swapped", "Two events have changed places.",
               events(lambda all_: [all_[1], all_[0]]),
               {"order": "order.gap", "authority": "authority.not_same"})
    fork = agency_where(SUBMIT, CLAIM)
    second = fork.statement(DOC, WANG, "claim", "submitted", "under_review")
    first = statement.read(fork.records[1].envelope.payload)
    second = replace(second, seq=2, prev=identifiers.event_id(fork.records[1].envelope.pae()), nonce="0" * 32)
    if first.seq != 1:
        raise ValueError("the submission stands first")
    fork.log(signed_by([key_of(WANG), PLATFORM], EVENT, statement.build(second)))
    yield Case("two-second-events", "Two reviewers' claims have the same number.", fork.bundle(DOC),
               {"order": "order.gap"})
    mixed = agency_where(SUBMIT)
    mixed.act(OTHER_DOC, *SUBMIT)

    def moved(value: dict[str, Any]) -> None:
        value["events"].append(json.loads(mixed.bundle(OTHER_DOC))["events"][0])

    yield Case("event-of-another-document", "The submission of another document is put behind this one's.",
               changed(moved, mixed), {"order": "order.gap"})


def _authority() -> Iterator[Case]:
    both = [person_entry(LIN), person_entry(ZHOU)]
    both[0]["grants"].append({**both[1]["grants"][0], "id": "g_second"})
    lins = identifiers.kid(key_of(LIN).public_key)
    as_auditor = {"actor": ActorRef(LIN, "auditor", "audit", lins, "g_second")}
    yield Case("own-work-judged", "小林 claims the entry that 小林 has submitted.",
               agency_where(SUBMIT, (LIN, "claim", "submitted", "under_review", as_auditor),
                            people=both).bundle(DOC), {"authority": "authority.own_work"})
    header = {"collector": ZHOU, "doc_id": "x"}
    yield Case("collector-judges", "Whoever collected the answers reviews them.",
               agency_where((*SUBMIT, {"header": header}), CLAIM).bundle(DOC),
               {"authority": "authority.own_work"})
    yield Case("decided-by-another-reviewer", "王局 approves what 周敏 has claimed.",
               agency_where(SUBMIT, CLAIM, (WANG, "approve", "under_review", "approved")).bundle(DOC),
               {"authority": "authority.not_same"})
    yield Case("system-takes-a-persons-step", "The platform claims a document as if it were a reviewer.",
               agency_where(SUBMIT, ("platform", "claim", "submitted", "under_review")).bundle(DOC),
               {"authority": "authority.role"})
    yield Case("role-may-not", "A reviewer submits, which is the clerks' step.",
               agency_where((ZHOU, "submit", "draft", "submitted")).bundle(DOC),
               {"authority": "authority.role"})
    away = [person_entry(LIN), person_entry(ZHOU, grant_unit="")]
    claims = ActorRef(ZHOU, "auditor", "claims", identifiers.kid(key_of(ZHOU).public_key), f"g_{ZHOU}")
    yield Case("department-may-not", "A reviewer of another department claims the document.",
               agency_where(SUBMIT, (*CLAIM, {"actor": claims}), people=away).bundle(DOC),
               {"authority": "authority.unit"})
    strange = [person_entry(LIN, grant_role="inspector"), person_entry(ZHOU)]
    inspector = ActorRef(LIN, "inspector", "business_acceptance", lins, f"g_{LIN}")
    yield Case("role-not-published", "A role is used that the agency has not published.",
               agency_where((*SUBMIT, {"actor": inspector}), people=strange).bundle(DOC),
               {"authority": "authority.role_unknown"})
    clerk = ActorRef("p_gone", "acceptance_clerk", "", lins, "g")
    yield Case("person-not-in-the-register", "An event names a person the register does not have.",
               agency_where((*SUBMIT, {"actor": clerk})).bundle(DOC),
               {"identity": "identity.person", "authority": "authority.person_missing"})
    as_system = ActorRef("platform", "system", "", lins, "")
    yield Case("person-acts-as-the-system", "A person signs in the role of the platform.",
               agency_where((*SUBMIT, {"actor": as_system})).bundle(DOC),
               {"identity": "identity.platform", "authority": "authority.role"})


def _heads() -> Iterator[Case]:
    def bundle(envelope: Envelope) -> bytes:
        return changed(lambda value: value.update(head=envelope.to_json()))

    value = json.loads(reviewed().bundle(DOC))
    size = len(reviewed().tree)
    last = identifiers.event_id(reviewed().records[-1].envelope.pae())
    said = head.Head(ORIGIN, DOC, last, 2, "under_review", size)
    if value["head"] != signed_by([PLATFORM], HEAD, head.payload(said)).to_json():
        raise ValueError("the head statement is not the one expected")
    differs = {"order": "order.head"}
    for name, about, other in (
        ("head-of-an-earlier-event", "The head statement is that of the submission.",
         replace(said, seq=1, state="submitted")),
        ("head-of-a-later-event", "The head statement knows of an event that is not shown.",
         replace(said, seq=3)),
        ("head-of-another-document", "The head statement is that of another document.",
         replace(said, doc=OTHER_DOC)),
        ("head-of-another-state", "The head statement says that the document is approved.",
         replace(said, state="approved")),
        ("head-of-another-size", "The head statement was made at another size of the log.",
         replace(said, size=size - 1)),
    ):  # fmt: skip
        yield Case(name, about, bundle(signed_by([PLATFORM], HEAD, head.payload(other))), differs)
    unsigned = {"order": "order.head_signature"}
    yield Case("head-by-a-person", "The head statement is signed by a person and not by the platform.",
               bundle(signed_by([key_of(LIN)], HEAD, head.payload(said))), unsigned, 6)
    good = signed_by([PLATFORM], HEAD, head.payload(said))
    forged = replace(good, signatures=(replace(good.signatures[0], signature=bytes(64)),))
    yield Case("head-signature-forged", "The head statement's signature is made of zeros.",
               bundle(forged), unsigned, 6)
    yield Case("head-is-an-event", "What stands for the head statement is signed as an event.",
               bundle(signed_by([PLATFORM], EVENT, head.payload(said))), differs, 6)
    yield malformed("head-with-unknown-member", "The head statement has a member too many.",
                    bundle(signed_by([PLATFORM], HEAD, canonical.encode(
                        {**json.loads(head.payload(said)), "note": ""}))), 6)  # fmt: skip


def _disclosures() -> Iterator[Case]:
    wrong = {"integrity": "integrity.disclosure"}

    def first(**members: Any) -> bytes:
        return changed(lambda value: value["disclosures"][0].update(members))

    yield Case("value-changed", "A disclosed name is not the one that was signed.",
               first(value="李四"), wrong, 7)
    yield Case("value-of-another-type", "A disclosed text has become a number.", first(value=1), wrong, 7)
    yield Case("value-normalised", "A disclosed text is another spelling of the same characters.",
               first(value="張文兰"), wrong, 7)
    yield Case("value-under-another-name", "A value is shown as that of another field.",
               first(path="/insured/alias"), wrong, 7)
    yield Case("value-with-another-salt", "A salt was changed.", first(salt="A" * 43 + "="), wrong, 7)
    yield Case("value-with-a-short-salt", "A salt has three bytes.", first(salt="AAAA"), wrong, 7)
    yield Case("value-at-another-place", "A field claims another place among its part's fields.",
               first(index=0), wrong, 7)
    yield Case("value-before-the-first", "A field claims the place -1.", first(index=-1), wrong, 7)
    yield Case("value-with-another-proof", "The proof of a field is empty.", first(proof=[]), wrong, 7)
    yield Case("value-of-another-part", "A field is shown as one of another class.", first(part=1), wrong, 7)
    yield Case("value-of-no-part", "A field belongs to a part that was not signed.", first(part=7),
               {"integrity": "integrity.disclosure_place"}, 7)
    yield Case("value-of-another-document", "A field names an event that is not of this document.",
               first(event="0" * 64), {"integrity": "integrity.disclosure_place"}, 7)


