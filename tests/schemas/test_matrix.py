"""Which section belongs to which entry type: the whole table of domain C.4.1, cell by cell."""

from __future__ import annotations

import pytest

from engine.registry.effective import effective
from tests.schemas import reading

SECTIONS = {
    "B": ("insured",), "C": ("agent",), "D": ("insurance",), "E": ("health",),
    "F": ("assess",), "G": ("care",), "H": ("claim",),
    "I": ("stat",), "J": ("consent",), "K": ("files", "statement"),
}  # fmt: skip
# R required, o optional, - refused; columns B to K.
TABLE = {
    "first_assessment":     "R R R R - o - - R R",
    "reassessment":         "R R R R - o - - R R",
    "dispute_review":       "R R o o - - - - R R",
    "assessment_result":    "R - - - R - - - - R",
    "service_registration": "R o R - - R - - - R",
    "benefit_claim":        "R o o - - R R - - R",
    "institution_info":     "- - - - - R - - - R",
    "statistics":           "- - - - - - - R - o",
}  # fmt: skip
CELLS = [
    (entry_type, section, cell)
    for entry_type, row in TABLE.items()
    for letter, cell in zip(SECTIONS, row.split(), strict=True)
    for section in SECTIONS[letter]
]


@pytest.mark.parametrize(("entry_type", "section", "cell"), CELLS)
def test_a_section_is_asked_for_left_open_or_refused(entry_type: str, section: str, cell: str) -> None:
    found = effective(reading.compiled(), {"entry": {"entry_type": entry_type}})
    pointer = f"/{section}"
    assert (pointer in found.required, pointer in found.forbidden) == (cell == "R", cell == "-")


@pytest.mark.parametrize("entry_type", TABLE)
def test_the_entry_facts_are_asked_for_in_every_type(entry_type: str) -> None:
    found = effective(reading.compiled(), {"entry": {"entry_type": entry_type}})
    asked = {
        "/entry/info_category",
        "/entry/collected_at",
        "/entry/collection_place",
        "/entry/collector_staff_no",
    }
    assert asked <= found.required


MINIMUM = {f"/insured/{key}" for key in ("full_name", "gender", "id_type", "id_no", "birth_date")}
FULL = MINIMUM | {
    f"/insured/{key}" for key in ("living_arrangement", "residence_region", "residence_address", "mobile")
}
ASKED = {
    "first_assessment": FULL, "reassessment": FULL, "dispute_review": MINIMUM, "assessment_result": MINIMUM,
    "service_registration": MINIMUM, "benefit_claim": MINIMUM,
}  # fmt: skip


@pytest.mark.parametrize("entry_type", ASKED)
def test_of_the_insured_person_only_what_the_type_needs_is_asked(entry_type: str) -> None:
    found = effective(reading.compiled(), {"entry": {"entry_type": entry_type}, "insured": {}})
    assert {pointer for pointer in found.required if pointer.startswith("/insured/")} == ASKED[entry_type]


CHOICES = [
    ({"agent": {"has_agent": True}}, "/agent/full_name", "R"),
    ({"agent": {"has_agent": False}}, "/agent/full_name", "-"),
    ({"assess": {"standard": "NHSA_MCA_2021"}}, "/assess/adl", "R"),
    ({"assess": {"standard": "NHSA_MCA_2021"}}, "/assess/local_grade", "-"),
    ({"assess": {"standard": "LOCAL_BARTHEL"}}, "/assess/local_grade", "R"),
    ({"assess": {"standard": "LOCAL_SH_UNIFIED"}}, "/assess/cog", "-"),
    ({"entry": {"entry_type": "institution_info"}, "care": {}}, "/care/org_uscc", "R"),
    ({"entry": {"entry_type": "institution_info"}, "care": {}}, "/care/mode", "-"),
    ({"entry": {"entry_type": "benefit_claim"}, "care": {"mode": "family_care"}}, "/care/org_uscc", "o"),
    (
        {"entry": {"entry_type": "benefit_claim"}, "care": {"mode": "home_visit"}},
        "/care/visits_per_week",
        "R",
    ),
    ({"claim": {"settle_step": "refused"}}, "/claim/refuse_reason", "R"),
    ({"claim": {"settle_step": "paid"}}, "/claim/refuse_reason", "-"),
    ({"claim": {"benefit_type": "service"}}, "/claim/service_hours", "R"),
    ({"claim": {"benefit_type": "cash"}}, "/claim/service_hours", "o"),
    ({"consent": {"basis": "statutory_duty"}}, "/consent/general", "-"),
    ({"consent": {"basis": "statutory_duty"}}, "/consent/sensitive", "-"),
    ({"consent": {"basis": "contract"}}, "/consent/general", "-"),
    ({"consent": {"basis": "contract"}}, "/consent/sensitive", "R"),
    ({"consent": {"basis": "consent"}}, "/consent/general", "R"),
    ({"consent": {"basis": "consent"}}, "/consent/sensitive", "R"),
]


@pytest.mark.parametrize(("answers", "pointer", "cell"), CHOICES, ids=str)
def test_an_answer_decides_what_else_is_asked(answers: dict[str, object], pointer: str, cell: str) -> None:
    found = effective(reading.compiled(), answers)
    assert (pointer in found.required, pointer in found.forbidden) == (cell == "R", cell == "-")
