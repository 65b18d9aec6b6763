"""A returned entry comes back to 小林 with the reviewer's words in place and goes in as a new revision."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.web.agency import XIAOLIN, ZHOUMIN, Agency, open_agency
from tests.web.entry_office import PageForm, multi


@pytest.fixture(scope="module")
def agency(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agency]:
    with open_agency(tmp_path_factory.mktemp("agency") / "data") as opened:
        yield opened


def test_the_clerk_sees_the_marks_at_the_fields_and_corrects_them(agency: Agency) -> None:
    doc, zhoumin, xiaolin = agency.submitted().doc, agency.browser(ZHOUMIN), agency.browser(XIAOLIN)
    zhoumin.decide(doc, "claim")
    marks = {"mark:/insured/mobile": "按身份证登记核对"}
    zhoumin.decide(doc, "return", comment="手机号与材料不一致", no_interest="true", **marks)

    begun = xiaolin.post(f"/documents/{doc}/correct")
    assert begun.status_code == 303
    address = begun.headers["location"]
    page = xiaolin.get(address).text
    assert "手机号与材料不一致" in page
    assert 'id="f-insured-mobile-mark">审核意见：按身份证登记核对' in page
    form = PageForm(page)
    assert form.value("/insured/full_name") == "张文兰"

    form.set("/insured/mobile", "199 0000 0077")
    answer = xiaolin.client.post(
        address, data=multi([*form.pairs(), ("_submit", "1")]), follow_redirects=False
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith(f"/entry/done/{doc}")
    row = agency.services.desk.store.get(doc)
    assert row is not None and (row["state"], row["revision"]) == ("submitted", 2)
    # Whoever may begin an entry is led to the next one, and nobody else.
    assert 'id="next-entry"' in xiaolin.get(f"/entry/done/{doc}").text
    assert 'id="next-entry"' not in agency.browser(ZHOUMIN).get(f"/entry/done/{doc}").text
