"""What each person sees of 张文兰's form, what is logged when they look, and what a stranger can prove."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from engine.desk import attaching, drafting, listing, proving, reading
from engine.errors import Conflict, NotAllowed, NotFound
from engine.trust.verify import verify
from tests.engine.desk.office import CHEN, HE, LIN, TICKS, WU, ZHAO, ZHOU, Office

NOW = datetime(2026, 3, 6, tzinfo=UTC)
EVERY = ("finance", "health", "identity", "other")


def to_be_voided(office: Office) -> str:
    """A document that 何信 has in hand: he proposed to void it, and sees no more of it than his role may."""
    doc = office.approved().doc
    office.decide(ZHOU, doc, "upload")
    asked = {"reason": "duplicate", "evidence": "重复录入，见另一份", "comment": "与前一份重复录入"}
    office.decide(HE, doc, "propose_void", asked)
    return doc


def test_the_maker_sees_clear_text_and_is_on_record(office: Office) -> None:
    doc = office.submit().doc

    opened = reading.open_document(office.desk, office.actors[LIN], doc)

    assert opened.answers["insured"]["id_no"] == "31019919420315026X"
    assert opened.masked == frozenset()
    last = list(office.desk.access.entries())[-1]
    assert (last.person, last.doc, last.what) == (office.actors[LIN].person, doc, (*EVERY, "clear"))


def test_an_auditor_who_has_not_claimed_sees_masked_values(office: Office) -> None:
    doc = office.submit().doc

    opened = reading.open_document(office.desk, office.actors[WU], doc)

    insured = opened.answers["insured"]
    assert (insured["id_no"], insured["mobile"], insured["full_name"]) == (
        "310199********026X",
        "199****0012",
        "张文兰",
    )
    assert {"/insured/id_no", "/insured/mobile", "/insured/residence_address"} <= opened.masked
    last = list(office.desk.access.entries())[-1]
    assert (last.person, last.what, last.basis) == (office.actors[WU].person, EVERY, "step:claim")


def test_revealing_one_value_is_written_down_before_it_is_shown(office: Office) -> None:
    doc = office.submit().doc

    value = reading.reveal(office.desk, office.actors[WU], doc, "/insured/id_no", "compare with paper")

    assert value == "31019919420315026X"
    last = list(office.desk.access.entries())[-1]
    assert (last.what, last.purpose, last.role) == (("/insured/id_no",), "compare with paper", "auditor")


def test_information_management_sees_no_identity_and_reveals_nothing(office: Office) -> None:
    doc = to_be_voided(office)

    opened = reading.open_document(office.desk, office.actors[HE], doc)

    assert "insured" not in opened.answers and "health" not in opened.answers
    with pytest.raises(NotAllowed):
        reading.reveal(office.desk, office.actors[HE], doc, "/insured/id_no")


def test_the_claims_department_does_not_read_acceptance_documents(office: Office) -> None:
    doc = office.submit().doc

    with pytest.raises(NotFound):
        reading.open_document(office.desk, office.actors[CHEN], doc)


def test_lists_show_masked_names_and_only_what_may_be_listed(office: Office) -> None:
    receipt = office.submit()

    row = listing.page(office.desk, office.actors[ZHOU], "info_entry.submitted.claim").rows[0]

    assert (row.doc_id, dict(row.summary), row.remaining_days) == (
        receipt.doc_id,
        {"/insured/full_name": "张*兰", "/insured/id_no": "310199********026X"},
        1,
    )
    assert listing.page(office.desk, office.actors[CHEN], "recent").rows == ()
    with pytest.raises(NotFound):
        listing.page(office.desk, office.actors[LIN], "info_entry.submitted.claim")


def test_a_file_opens_for_the_reviewer_and_is_logged(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")

    media_type, pieces = attaching.open_attachment(office.desk, office.actors[ZHOU], doc, "F-0001")

    assert (media_type, b"".join(pieces)) == ("application/pdf", b"scan 0")
    assert list(office.desk.access.entries())[-1].what == ("file:F-0001",)


def test_a_staged_file_is_nobody_elses(office: Office) -> None:
    staged = attaching.attach(office.desk, office.actors[LIN], b"scan", "application/pdf")

    with pytest.raises(NotFound):
        attaching.open_staged(office.desk, office.actors[ZHAO], staged.sha256)


def test_a_stranger_verifies_the_whole_chain_from_the_bundle(office: Office) -> None:
    receipt = office.approved()
    office.decide(ZHOU, receipt.doc, "upload")

    data = proving.bundle(office.desk, office.actors[LIN], receipt.doc, proving.all_fields)
    report = verify(data, office.desk.trust.root_chain(), now=NOW)

    assert {verdict.name: verdict.status for verdict in report.verdicts} == {
        "integrity": "good",
        "identity": "good",
        "authority": "good",
        "order": "good",
        "freshness": "good",
    }
    shown = {value.path: value.value for value in report.values}
    assert shown["/insured/full_name"] == "张文兰"


def test_a_bundle_discloses_nothing_that_was_not_named(office: Office) -> None:
    doc = office.submit().doc

    none = proving.bundle(office.desk, office.actors[WU], doc).decode()
    one = json.loads(
        proving.bundle(office.desk, office.actors[WU], doc, proving.these(["/_derived/insured/id_no"]))
    )

    assert "张文兰" not in none and "310199" not in none.replace("310104", "")
    assert [(each["path"], each["value"]) for each in one["disclosures"]] == [
        ("/_derived/insured/id_no", "310199********026X")
    ]


@pytest.mark.parametrize(
    "pointer", ["/insured/full_name", "/_derived/insured/id_no", "/health", "/_attachments/F-0001"]
)
def test_nothing_of_a_class_that_stays_shut_is_disclosed(office: Office, pointer: str) -> None:
    doc = to_be_voided(office)
    with pytest.raises(NotAllowed) as refused:
        proving.bundle(office.desk, office.actors[HE], doc, proving.these([pointer]))
    assert refused.value.code == "disclose"
    open_to_him = json.loads(
        proving.bundle(office.desk, office.actors[HE], doc, proving.these(["/entry/collected_at"]))
    )
    assert [one["path"] for one in open_to_him["disclosures"]] == ["/entry/collected_at"]


def test_keys_of_files_are_disclosed_only_to_whoever_sees_all_in_clear(office: Office) -> None:
    doc = office.submit().doc
    wish = proving.these(["/_attachments/F-0001"])
    with pytest.raises(NotAllowed):
        proving.bundle(office.desk, office.actors[WU], doc, wish)
    made = json.loads(proving.bundle(office.desk, office.actors[LIN], doc, wish))
    assert [one["path"] for one in made["disclosures"]] == ["/_attachments/F-0001"]


def test_what_a_bundle_shows_in_clear_is_written_down_first(office: Office) -> None:
    doc = office.submit().doc
    before = len(list(office.desk.access.entries()))
    wanted = ["/insured/id_no", "/insured/sex", "/_derived/insured/mobile"]
    proving.bundle(office.desk, office.actors[LIN], doc, proving.these(wanted))
    proving.bundle(office.desk, office.actors[WU], doc, proving.these(wanted[1:]))
    written = list(office.desk.access.entries())[before:]
    assert [(one.person, one.what, one.purpose) for one in written] == [
        (office.actors[LIN].person, ("/_derived/insured/mobile", "/insured/id_no"), "bundle"),
        (office.actors[WU].person, ("/_derived/insured/mobile",), "bundle"),
    ]


def test_clear_fields_are_not_disclosed_without_the_right(office: Office) -> None:
    doc = office.submit().doc

    with pytest.raises(NotAllowed):
        proving.bundle(office.desk, office.actors[WU], doc, proving.these(["/insured/id_no"]))


def test_a_receipt_can_be_asked_for_again(office: Office) -> None:
    first = office.submit()
    office.decide(ZHOU, first.doc, "claim")

    again = proving.receipt(office.desk, office.actors[LIN], first.doc, 1)

    assert (again.event, again.index, again.state, again.doc_no) == (
        first.event,
        first.index,
        "submitted",
        first.doc_no,
    )


def test_two_tabs_on_one_draft_are_told_apart(office: Office) -> None:
    lin = office.actors[LIN]
    draft = drafting.begin(office.desk, lin, "info_entry")
    saved = drafting.save(office.desk, lin, draft.id, 1, {"entry": {"entry_type": "statistics"}})
    assert saved.revision == 2

    with pytest.raises(Conflict) as refused:
        drafting.save(office.desk, lin, draft.id, 1, {"entry": {"entry_type": "benefit_claim"}})

    assert refused.value.facts["revision"] == 2
    assert refused.value.facts["answers_theirs"] == {"entry": {"entry_type": "statistics"}}


def test_a_draft_is_its_makers_alone(office: Office) -> None:
    draft = drafting.begin(office.desk, office.actors[LIN], "info_entry")

    with pytest.raises(NotFound):
        drafting.open_draft(office.desk, office.actors[ZHAO], draft.id)


def test_a_correction_starts_from_what_was_submitted_and_is_one_draft(office: Office) -> None:
    doc = office.submit().doc
    office.decide(ZHOU, doc, "claim")
    office.decide(
        ZHOU,
        doc,
        "return",
        {
            "comment": "手机号码与申请表不一致",
            "marks": [{"pointer": "/insured/mobile", "text": "不一致"}],
            "no_interest": TICKS["no_interest"],
        },
    )

    first = drafting.correct(office.desk, office.actors[LIN], doc)
    second = drafting.correct(office.desk, office.actors[LIN], doc)

    assert first.id == second.id
    assert first.answers["insured"]["full_name"] == "张文兰"
    assert (first.doc, first.base_head, first.version) == (doc, office.head(doc), "1.0.0")
