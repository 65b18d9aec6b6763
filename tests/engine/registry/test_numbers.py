"""Check digits against the vectors of domain.md C.6 and the pitfalls of B.8."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.registry import numbers


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("11010519491231002X", True),  # GB 11643 specimen
        ("440524188001010014", True),  # GB 11643 specimen, born 1880
        ("31019919420315026X", True),  # an unassigned region stays valid
        ("310199194203150269", False),  # wrong check digit
        ("31019919420315026x", False),  # lower case is normalized before, not here
        ("310199194202300267", False),  # no 30 February
        ("11010519491231002", False),
        ("１１０１０５19491231002X", False),
        ("", False),
    ],
)
def test_an_id_number_needs_its_shape_a_real_day_and_its_check_digit(number: str, holds: bool) -> None:
    assert numbers.is_id_no(number) is holds


def test_an_id_number_tells_birth_date_and_sex() -> None:
    both = ("31019919420315026X", "440524188001010014")
    told = {number: (numbers.id_no_birth(number), numbers.id_no_sex(number)) for number in both}
    assert told == {"31019919420315026X": ("1942-03-15", "2"), "440524188001010014": ("1880-01-01", "1")}
    assert (numbers.id_no_birth("310199"), numbers.id_no_sex("310199")) == (None, None)


def test_only_the_province_digits_of_an_id_number_are_compared() -> None:
    known = {code: numbers.is_known_province(code) for code in ("310199", "849999", "99", "831234")}
    assert known == {"310199": True, "849999": False, "99": False, "831234": True}


@pytest.mark.parametrize(
    ("number", "holds"),
    [
        ("91350100M000100Y43", True),
        ("91110000600037341L", True),
        ("91110000600037341M", False),  # its own check character
        ("91350100M000100X43", False),  # the organization code inside
        ("91350100m000100y43", False),
        ("9135010OM000100Y43", False),  # the letter O is not in the alphabet
    ],
)
def test_a_uscc_carries_two_check_characters(number: str, holds: bool) -> None:
    assert numbers.is_uscc(number) is holds


def test_the_organization_code_specimen_of_gb_11714_has_its_check_character() -> None:
    assert numbers.org_code_check_digit("D2143569") == "X"


def test_luhn_takes_the_good_specimen_and_refuses_the_bad_one() -> None:
    held = [numbers.is_luhn(n) for n in ("79927398713", "79927398710", "", "7992739871３", "abc")]
    assert held == [True, False, False, False, False]


def test_a_document_id_carries_a_check_digit_over_region_day_and_serial() -> None:
    good = ("LTCI-ENT-310104-20260305-000123-1", "LTCI-RVN-310104-20260801-000001-7")
    assert [numbers.is_doc_id(n) for n in good] == [True, True]
    assert not numbers.is_doc_id("LTCI-ENT-310104-20260305-000124-1")
    assert not numbers.is_doc_id("LTCI-Ent-310104-20260305-000123-1")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("家属电话19900000012，晚上联系", True),
        ("身份证 310199 19420315 026X", True),
        ("身份证３１０１９９１９４２０３１５０２６Ｘ", True),
        ("身份证31019919420315026x", True),
        ("卡号6299990000000003459", False),
        ("卡号 4111-1111-1111-1111", True),
        ("见 LTCI-ENT-310104-20260305-000123-1", False),
        ("共12份材料，2026-03-05至2026-04-05", False),
        ("", False),
    ],
)
def test_numbers_of_people_are_found_in_free_text_and_document_ids_are_not(text: str, found: bool) -> None:
    assert numbers.has_identity_number(text) is found


@given(st.text())
def test_no_text_makes_a_check_raise(text: str) -> None:
    checks = (
        numbers.is_id_no,
        numbers.is_uscc,
        numbers.is_luhn,
        numbers.is_doc_id,
        numbers.has_identity_number,
        numbers.is_known_province,
    )
    assert {type(check(text)) for check in checks} == {bool}


@given(st.integers(0, 10**17 - 1), st.integers(0, 9))
def test_one_changed_digit_never_leaves_an_id_number_valid(seed: int, digit: int) -> None:
    place = seed % 17
    changed = "31019919420315026X"
    changed = changed[:place] + str(digit) + changed[place + 1 :]
    assert numbers.is_id_no(changed) is (changed == "31019919420315026X")
