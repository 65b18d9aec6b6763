"""小林 keys an entry at the window with scripts switched off: every button is a plain form button."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from forms.encode import encode
from forms.model import FormModel
from tests.web.entry_office import PASSPHRASE, Counter, PageForm, example, multi, open_counter
from web.models import model_of


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Counter]:
    with open_counter(Path(tmp_path_factory.mktemp("agency")) / "data") as opened:
        opened.sign_in()
        yield opened


@pytest.fixture(scope="module")
def model(counter: Counter) -> FormModel:
    return model_of(counter.desk.registry.get("info_entry", "1.0.0"))


def png(colour: int) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (colour, 120, 200)).save(out, "PNG")
    return out.getvalue()


def key_in(form: PageForm, model: FormModel, answers: dict[str, Any], skip: frozenset[str]) -> None:
    """Type, choose and tick everything of the answers that is not computed and not a file row."""
    wanted: dict[str, list[str]] = {}
    for name, text in encode(model, answers):
        node = model.node(name)
        if name.startswith("/") and name not in skip and node is not None and not node.computed:
            wanted.setdefault(name, []).append(text)
    for name, texts in wanted.items():
        if not name.startswith("/files/"):
            form.set(name, *texts)


def draft_of(address: str) -> str:
    return address.rpartition("/")[2].partition("?")[0]


REFERENCES = frozenset({"/agent/authorization_ref", "/consent/evidence_ref"})


def test_the_first_button_of_the_form_only_checks(counter: Counter) -> None:
    form = counter.read(counter.begin())
    first = form.text[form.text.index('<form id="form"') :]
    assert first[first.index("<button") :].startswith('<button class="visually-hidden" name="_check"')


def test_the_paper_order_is_the_order_of_the_controls(counter: Counter, model: FormModel) -> None:
    form = counter.read(counter.begin())
    shown = [item[0] for item in form.items if item[0].startswith("/")]
    laid = [cell.node.pattern for part in model.sections for row in part.rows for cell in row]
    order = [name for name in dict.fromkeys(shown) if name in laid]
    assert order == [pattern for pattern in laid if pattern in order]


def test_example_one_is_keyed_with_its_attachments_and_filed(counter: Counter, model: FormModel) -> None:
    answers = example("ok-1-first-assessment")
    address = counter.begin()
    form = counter.read(address)
    form.set("/agent/has_agent", "true")
    address = counter.press(address, form, "_refresh").headers["location"]
    address = counter.press(address, counter.read(address), "_add", "/health/diagnoses").headers["location"]
    form = counter.read(address)
    key_in(form, model, answers, REFERENCES)
    for row, item in enumerate(answers["files"]):
        form.set("_file_kind", item["kind"])
        reply = counter.press(
            address, form, "_upload", files={"_file": (f"{row}.png", png(row), "image/png")}
        )
        assert reply.status_code == 303, reply.text
        address = reply.headers["location"]
        form = counter.read(address)
    for pointer in REFERENCES:
        section, key = pointer.strip("/").split("/")
        form.set(pointer, answers[section][key])
    reply = counter.press(address, form, "_submit")
    assert reply.status_code == 303, PageForm(reply.text).text[:6000]
    assert reply.headers["location"].startswith("/entry/done/")
    page = counter.client.get(reply.headers["location"]).text
    assert "已提交：长护录〔2026〕" in page

    again = counter.press(address, form, "_submit")
    assert (again.status_code, again.headers["location"]) == (
        303,
        reply.headers["location"].partition("?")[0],
    )


def test_an_unusual_value_is_confirmed_once_and_a_pinned_one_goes_along(
    counter: Counter, model: FormModel
) -> None:
    answers = example("ok-8-statistics")
    answers["entry"] |= {"collected_at": "2026-03-05T09:30:00+08:00", "partner_uscc": "52310199MJ0T00129A"}
    address = counter.begin("statistics")
    form = counter.read(address)
    key_in(form, model, answers, frozenset())
    form.set("_pin", "/stat/region")
    reply = counter.press(address, form, "_submit")
    assert reply.status_code == 422
    form = PageForm(reply.text)
    assert "有 1 处少见，核对后确认" in form.text and "错误：" not in form.text

    reply = counter.press(address, form.set("_confirm", "A.partner_uscc"), "_submit")
    assert reply.status_code == 303, reply.text
    following = counter.read(counter.begin("statistics"))
    assert following.value("/stat/region") == answers["stat"]["region"]
    assert ("_pin", "/stat/region") in following.pairs()
    assert following.value("/stat/period") == ""


def test_a_locked_key_asks_for_the_passphrase_and_goes_on_without_loss(
    counter: Counter, model: FormModel
) -> None:
    answers = example("ok-8-statistics")
    answers["entry"] |= {"collected_at": "2026-03-05T09:30:00+08:00"}
    answers["stat"] |= {"period": "2025-Q4"}
    counter.client.cookies.clear()
    counter.sign_in(passphrase="")
    address = counter.begin("statistics")
    form = counter.read(address)
    key_in(form, model, answers, frozenset())
    reply = counter.press(address, form, "_submit")
    assert reply.status_code == 423
    locked = PageForm(reply.text.replace("<form ", '<form id="form" '))
    reply = counter.client.post(
        address, data=multi([*locked.pairs(), ("_passphrase", PASSPHRASE)]), follow_redirects=False
    )
    assert reply.status_code == 303, reply.text
    assert reply.headers["location"].startswith("/entry/done/")


def test_a_draft_is_given_up_only_on_a_second_word(counter: Counter) -> None:
    address = counter.begin()
    form = counter.read(address)
    assert form.text.index("<summary>放弃这份草稿</summary>") < form.text.index('name="_discard"')
    assert counter.press(address, form, "_discard").headers["location"] == "/"
    assert counter.client.get(address).status_code == 404
