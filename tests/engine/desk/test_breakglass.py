"""Breaking the glass: no step may be left out, nobody does two of them, and everything is found again."""

from __future__ import annotations

import json

import pytest

from engine.desk import breakglass, orders_book, people
from engine.desk.people import NewPerson
from engine.errors import Conflict, Invalid, NeedsUnlock, NotAllowed, NotFound
from engine.identity import utc_text
from engine.trust import canonical, root, snapshot
from engine.trust.audit import audit
from engine.trust.envelope import Envelope
from tests.engine.desk.office import FANG, LIN, SESSION, WANG, Office, open_office

GUO = "XX000008"


@pytest.fixture
def office() -> Office:
    """The office with 郭芳, security administrator, who may review."""
    office = open_office()
    (account,) = people.enrol(
        office.desk,
        [NewPerson(GUO, "郭芳", "info_mgmt", "310104", "郭芳", (("security_admin", None, None),), "password",
                   "phrase guo")],
    )  # fmt: skip
    office.actors[GUO] = people.actor_of(account, SESSION, "password")
    office.unlocks[GUO] = office.desk.vault.unlock(account.person, "phrase guo", SESSION)
    return office


def asked(office: Office, doc: str, hours: int = 2) -> int:
    who = office.actors[WANG], office.unlocks[WANG]
    return breakglass.request(office.desk, who[0], "staff_unavailable", (doc,), hours, who[1]).intent


def consented(office: Office, doc: str) -> int:
    intent = asked(office, doc)
    breakglass.consent(office.desk, office.actors[FANG], intent, office.unlocks[FANG])
    return intent


def refused(office: Office, who: str, intent: int, doc: str) -> str:
    with pytest.raises(NotAllowed) as found:
        breakglass.open_document(office.desk, office.actors[who], intent, doc, office.unlocks[who])
    return found.value.code


def test_two_people_open_what_they_asked_for_and_it_is_on_record(office: Office) -> None:
    doc = office.submit().doc
    intent = consented(office, doc)
    for who in (WANG, FANG):
        answers = breakglass.open_document(office.desk, office.actors[who], intent, doc, office.unlocks[who])
        assert answers["insured"]["full_name"] == "张文兰"
    opened = breakglass.opened_under(office.desk, intent)
    assert [(one.person, one.doc, one.what) for one in opened] == [
        (office.actors[who].person, doc, ("*",)) for who in (WANG, FANG)
    ]
    entry = orders_book.read_on(office.desk, orders_book.Book()).entries[intent]
    assert [(one.person, one.document) for one in entry.openings] == [
        (office.actors[who].person, doc) for who in (WANG, FANG)
    ]


def test_nothing_is_opened_without_the_key_of_whoever_opens(office: Office) -> None:
    doc = office.submit().doc
    intent = consented(office, doc)
    with pytest.raises(NeedsUnlock):
        breakglass.open_document(office.desk, office.actors[WANG], intent, doc, None)
    assert breakglass.opened_under(office.desk, intent) == ()


def test_the_book_reads_on_where_it_stopped(office: Office) -> None:
    doc = office.submit().doc
    first = asked(office, doc)
    before = orders_book.read_on(office.desk, orders_book.Book())
    moment = utc_text(office.clock.now())
    assert [one.standing(moment) for one in before.newest_first()] == ["waiting"]
    office.clock.advance(minutes=61)
    second = consented(office, doc)
    after = orders_book.read_on(office.desk, before)
    assert after == orders_book.read_on(office.desk, orders_book.Book())
    moment = utc_text(office.clock.now())
    standings = [(one.intent, one.standing(moment)) for one in after.newest_first()]
    assert standings == [(second, "open"), (first, "lapsed")]


def test_one_person_alone_opens_nothing(office: Office) -> None:
    doc = office.submit().doc
    intent = asked(office, doc)
    assert refused(office, WANG, intent, doc) == "breakglass.no_consent"
    with pytest.raises(NotAllowed) as same:
        breakglass.consent(office.desk, office.actors[WANG], intent, office.unlocks[WANG])
    assert same.value.code == "breakglass.same_person"
    with pytest.raises(NotAllowed) as role:
        breakglass.consent(office.desk, office.actors[LIN], intent, office.unlocks[LIN])
    assert role.value.code == "breakglass.role"
    with pytest.raises(NeedsUnlock):
        breakglass.consent(office.desk, office.actors[FANG], intent, None)
    assert refused(office, WANG, intent, doc) == "breakglass.no_consent"


def test_only_those_documents_those_people_and_that_time(office: Office) -> None:
    doc = office.submit().doc
    intent = consented(office, doc)
    assert refused(office, GUO, intent, doc) == "breakglass.not_ordered"
    assert refused(office, WANG, intent, "b" * 26) == "breakglass.not_ordered"
    office.clock.advance(hours=2)
    assert refused(office, WANG, intent, doc) == "breakglass.over"
    assert breakglass.opened_under(office.desk, intent) == ()


def test_a_consent_comes_within_the_hour_and_once(office: Office) -> None:
    doc = office.submit().doc
    late = asked(office, doc)
    office.clock.advance(minutes=61)
    with pytest.raises(Conflict) as found:
        breakglass.consent(office.desk, office.actors[FANG], late, office.unlocks[FANG])
    assert found.value.code == "breakglass.late"
    intent = consented(office, doc)
    with pytest.raises(Conflict) as again:
        breakglass.consent(office.desk, office.actors[GUO], intent, office.unlocks[GUO])
    assert again.value.code == "breakglass.consented"


def test_a_request_names_a_reason_documents_and_hours(office: Office) -> None:
    doc, who = office.submit().doc, office.actors[WANG]
    for reason, documents, hours in (("curiosity", (doc,), 2), ("audit", (), 2), ("audit", (doc,), 48)):
        with pytest.raises(Invalid):
            breakglass.request(office.desk, who, reason, documents, hours, office.unlocks[WANG])
    with pytest.raises(NotFound):
        breakglass.request(office.desk, who, "audit", ("b" * 26,), 2, office.unlocks[WANG])
    with pytest.raises(NotFound):
        breakglass.open_document(office.desk, who, 0, doc, office.unlocks[WANG])


def test_somebody_else_reviews_within_seven_days(office: Office) -> None:
    intent = consented(office, office.submit().doc)
    desk, now = office.desk, office.clock.now

    def waiting() -> list[tuple[int, str]]:
        moment = utc_text(now())
        book = orders_book.read_on(desk, orders_book.Book())
        return [(one.intent, one.standing(moment)) for one in book.unreviewed(moment)]

    assert waiting() == [(intent, "open")]
    office.clock.advance(hours=2)
    assert waiting() == [(intent, "to_review")]
    office.clock.advance(days=7)
    assert waiting() == [(intent, "overdue")]
    with pytest.raises(NotAllowed):
        breakglass.review(desk, office.actors[WANG], intent, "justified", office.unlocks[WANG])
    breakglass.review(desk, office.actors[GUO], intent, "justified", office.unlocks[GUO])
    assert waiting() == []
    with pytest.raises(Conflict):
        breakglass.review(desk, office.actors[GUO], intent, "justified", office.unlocks[GUO])


def test_the_audit_of_the_whole_log_finds_no_fault_in_it(office: Office) -> None:
    doc = office.submit().doc
    intent = consented(office, doc)
    breakglass.review(office.desk, office.actors[GUO], intent, "unjustified", office.unlocks[GUO])
    people_of = {
        snapshot.read(Envelope.from_json(canonical.parse(envelope)).payload).version: json.loads(entries)
        for _, envelope, entries in office.desk.trust.snapshots()
    }
    form = office.desk.registry.in_force("info_entry", office.clock.now().date()).bundle
    bundle = canonical.encode_bundle(
        {"schema": form.schema, "states": form.states, "layout": form.layout, "locale": form.locale}
    )
    found = audit(
        office.journal.scan(),
        trust=root.walk(root.read_trust_file(office.desk.trust.root_chain())),
        forms=lambda digest: bundle if digest == form.digest else None,
        people=lambda one: people_of[one.version],
    )
    assert list(found) == []
