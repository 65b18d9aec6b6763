"""The matrix of domain.md C.2 for the entry form: who reads, how much, and that everyone else is denied."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.lifecycle.people import Actor, Grant
from engine.lifecycle.permissions import Rights, may_list, may_read, reading_rights
from tests.engine.lifecycle.people_of import (
    GAOJIE,
    ITOPS,
    LINZHANG,
    PARTNER,
    SYSTEM,
    WANGJU,
    XIAOLIN,
    ZHOUMIN,
    person,
    standing,
    under_review,
)
from tests.schemas import reading

FORM = reading.compiled()
DAY = "2026-11-23"
ALL = frozenset({"identity", "health", "finance", "other"})
ADMINS = [
    person(role, "XX000099", role, "info_mgmt") for role in ("system_admin", "security_admin", "audit_admin")
]


@pytest.mark.parametrize("actor", [ITOPS, SYSTEM, PARTNER, *ADMINS], ids=lambda actor: actor.person)
def test_who_has_no_grant_over_a_document_reads_nothing_of_it(actor: Actor) -> None:
    assert not may_read(FORM, standing(), actor, DAY)
    assert not may_list(FORM, standing(), actor, DAY)
    assert reading_rights(FORM, standing(), actor, DAY) == Rights(frozenset(), False, False)


def test_the_maker_reads_the_own_document_in_clear() -> None:
    rights = reading_rights(FORM, standing(), XIAOLIN, DAY)
    assert (rights.classes, rights.clear, rights.reveal) == (ALL, True, True)


def test_a_colleague_of_the_maker_reads_it_masked() -> None:
    colleague = person("xiaozhao", "YW000232", "acceptance_clerk", "business_acceptance")
    rights = reading_rights(FORM, standing(), colleague, DAY)
    assert (rights.classes, rights.clear, rights.reveal) == (ALL, False, True)


def test_an_auditor_reads_it_masked_until_the_document_is_held_for_review() -> None:
    waiting, held, others = standing(), under_review(ZHOUMIN), under_review(WANGJU)
    clear = [reading_rights(FORM, one, ZHOUMIN, DAY).clear for one in (waiting, held, others)]
    assert clear == [False, True, False]


def test_a_partner_reads_only_what_the_partner_made() -> None:
    assert not may_read(FORM, standing(), PARTNER, DAY)
    assert may_read(FORM, standing(created_by=PARTNER.person), PARTNER, DAY)
    assert not may_read(FORM, standing(created_by=PARTNER.person), PARTNER, "2027-01-01")


def test_heads_read_the_documents_of_their_own_department() -> None:
    assert [may_read(FORM, standing(), head, DAY) for head in (LINZHANG, WANGJU)] == [True, True]
    stranger = person("kezhang", "LP000001", "department_head", "claims")
    assert not may_read(FORM, standing(), stranger, DAY)


def test_information_management_samples_without_seeing_sealed_classes() -> None:
    rights = reading_rights(FORM, standing(), GAOJIE, DAY)
    assert (rights.classes, rights.clear, rights.reveal) == (frozenset({"other"}), False, False)


def test_no_one_reads_in_another_region() -> None:
    elsewhere = replace(ZHOUMIN, grants=(Grant("g", "auditor", "audit", "310115", None, None),))
    assert [may_read(FORM, standing(), actor, DAY) for actor in (ZHOUMIN, elsewhere)] == [True, False]
    city = replace(ZHOUMIN, grants=(Grant("g", "auditor", "audit", "310000", None, None),))
    assert may_read(FORM, standing(), city, DAY)


def test_a_revoked_grant_ends_reading_the_next_day() -> None:
    leaving = replace(ZHOUMIN, grants=(Grant("g", "auditor", "audit", "310104", None, DAY),))
    assert [may_read(FORM, standing(), leaving, day) for day in (DAY, "2026-11-24")] == [True, False]
