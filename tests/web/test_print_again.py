"""A paper as of a checkpoint is printed again, byte for byte: after new versions, restarts, later steps."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from engine.desk import deciding, reading
from engine.errors import Conflict, NotAllowed, NotFound
from engine.trust import bundle as proof_bundle
from tests.web.agency import THURSDAY, XIAOLIN, Agency
from tests.web.test_revision import WANG, ZHU, opened_agency, publish_street
from web.cli.commands import app
from web.cli.printing import AtTheCommandLine
from web.pdf import prints
from web.pdf.reader import PdfReaders
from web.pdf.renderer import Renderer
from web.verification.judge import judge


@contextmanager
def pressed(data: Path, *, is_new: bool = False) -> Iterator[Agency]:
    """The agency over a folder with a press of its own."""
    renderer = Renderer(processes=1)
    try:
        with opened_agency(data, is_new=is_new) as agency:
            agency.services = replace(agency.services, renderer=renderer)
            yield agency
    finally:
        renderer.close()


def paper(agency: Agency, doc: str, checkpoint: int | None, who: str = XIAOLIN, **more: str) -> bytes:
    """The form as somebody prints it, in Chinese unless `lang` says otherwise."""
    desk = agency.services.desk
    account = desk.directory.by_staff_no(who)
    assert account is not None

    printer = AtTheCommandLine(agency.actor(who), account.name, account.staff_no)
    said = {"copy": "01", "lang": "zh-CN"} | more
    return prints.print_form(agency.services, printer, doc, said["copy"], said["lang"], checkpoint).data


def test_an_old_paper_comes_out_again_byte_for_byte_after_a_new_version_and_a_restart(tmp_path: Path) -> None:
    data = tmp_path / "data"
    with pressed(data, is_new=True) as agency:
        doc = agency.submitted().doc
        size = agency.services.desk.journal.durable_size
        given = {lang: paper(agency, doc, size, lang=lang) for lang in ("zh-CN", "en")}
        agency.clock.move(timedelta(hours=1))
        publish_street(agency)
        assert agency.services.desk.journal.durable_size > size
        assert paper(agency, doc, size) == given["zh-CN"]

    with pressed(data) as again:
        again.clock.set(THURSDAY + timedelta(days=3))
        found = {lang: paper(again, doc, size, lang=lang) for lang in ("zh-CN", "en")}
        digests = [{lang: hashlib.sha256(one).hexdigest() for lang, one in papers.items()}
                   for papers in (given, found)]  # fmt: skip
        assert digests[0] == digests[1]
        assert paper(again, doc, size, copy="02") != given["zh-CN"]
        trust = again.services.desk.trust.root_chain()
    made = CliRunner().invoke(
        app, ["print", doc, "--by", XIAOLIN, "--checkpoint", str(size), "--data", str(data),
              "-o", str(tmp_path / "again.pdf")],
    )  # fmt: skip
    assert made.exit_code == 0, made.output
    assert (tmp_path / "again.pdf").read_bytes() == given["zh-CN"]
    assert judged(given["zh-CN"], trust) == ["good"] * 5


def judged(data: bytes, trust: bytes) -> list[str]:
    """The five verdicts of somebody outside who holds the trust file."""
    case = judge(data, trust=trust, now=datetime(2026, 3, 9, tzinfo=UTC))
    assert case.report is not None
    return [one.status for one in case.report.verdicts]


def test_a_paper_as_of_a_checkpoint_shows_the_document_as_it_stood(tmp_path: Path) -> None:
    with pressed(tmp_path / "data", is_new=True) as agency:
        desk = agency.services.desk
        doc = agency.submitted().doc
        size = desk.journal.durable_size
        head = reading.row_of(desk, doc)["head"]
        said = {"comment": "与另一份重复录入，撤回作废"}
        wanted = deciding.Decision(doc, "withdraw", head, said, "withdraw", stepped_up=True)
        lin = agency.actor(XIAOLIN)
        deciding.decide(desk, lin, wanted, agency._unlocked[XIAOLIN]).wait()

        then, now = paper(agency, doc, size), paper(agency, doc, None)

        readers = PdfReaders()
        try:
            proofs = [readers.read(one) for one in (then, now)]
        finally:
            readers.close()
        counts = [len(proof_bundle.read(one.enclosures["bundle.json"]).events) for one in proofs]
        assert counts == [1, 2]


def test_what_was_not_there_yet_and_what_is_no_checkpoint_is_not_printed(tmp_path: Path) -> None:
    with pressed(tmp_path / "data", is_new=True) as agency:
        before = agency.services.desk.journal.durable_size
        doc = agency.submitted().doc
        with pytest.raises(NotFound, match=r"document\.not_found"):
            paper(agency, doc, before)
        with pytest.raises(NotFound, match=r"checkpoint\.not_found"):
            paper(agency, doc, 10**9)
        lin = agency.browser(XIAOLIN)
        for wrong in ("0", "-1", "eins", "9" * 40, "99999"):
            assert lin.get(f"/documents/{doc}/print?checkpoint={wrong}").status_code == 404, wrong
        led = lin.client.get(f"/documents/{doc}/print?copy=07&checkpoint=newest", follow_redirects=False)
        size = agency.services.desk.journal.durable_size
        assert led.headers["location"] == f"/documents/{doc}/print?copy=07&checkpoint={size}"


def test_todays_right_is_asked_for_an_old_paper_and_what_was_destroyed_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pressed(tmp_path / "data", is_new=True) as agency:
        desk = agency.services.desk
        doc = agency.submitted().doc
        size = desk.journal.durable_size
        with pytest.raises((NotFound, NotAllowed)):
            paper(agency, doc, size, ZHU)
        row = reading.row_of(desk, doc) | {"flags": ["destroyed"]}
        monkeypatch.setattr(desk.store, "get", lambda _: row)
        with pytest.raises(Conflict, match=r"print\.destroyed"):
            paper(agency, doc, size, WANG)
