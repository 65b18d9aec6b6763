"""Archive packages: opened, whole, provable from outside; every change to one is found."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import bagit
import pytest
from pypdf import PdfWriter
from typer.testing import CliRunner

from engine.desk import people, reading, shredding
from engine.errors import Conflict, Invalid
from tests.web.agency import WANGJU, ZHOUMIN, Agency, open_agency
from web.archive import package, properties
from web.archive.results import Package, Progress
from web.cli.commands import app
from web.cli.printing import AtTheCommandLine
from web.demo.people import PASSPHRASE, PEOPLE
from web.pdf.renderer import Renderer

ZHULIN = "XX000002"
TICKS = dict.fromkeys(("accuracy", "completeness", "no_interest"), "true")


@dataclass
class Shelf:
    """An agency with one entry in effect, and the package that was made of it."""

    agency: Agency
    doc: str
    doc_id: str
    folder: Path
    made: Package

    def copy(self, to: Path) -> Path:
        shutil.copytree(self.folder, to)
        return to


def _in_effect(agency: Agency) -> str:
    doc = agency.submitted().doc
    zhoumin = agency.browser(ZHOUMIN)
    for step, said in (("claim", {}), ("approve", TICKS), ("upload", {})):
        assert zhoumin.decide(doc, step, **said).status_code == 303
    return doc


def _printer(agency: Agency) -> AtTheCommandLine:
    account = agency.services.desk.directory.by_staff_no(ZHULIN)
    assert account is not None
    return AtTheCommandLine(agency.actor(ZHULIN), account.name, account.staff_no)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    place = tmp_path_factory.mktemp("archive")
    renderer = Renderer(processes=1)
    with open_agency(place / "data") as agency:
        agency.services = replace(agency.services, renderer=renderer)
        newcomers = [one.as_newcomer() for one in PEOPLE if one.staff_no == ZHULIN]
        people.enrol(agency.services.desk, newcomers)
        doc = _in_effect(agency)
        row = reading.row_of(agency.services.desk, doc)
        made = package.write(agency.services, _printer(agency), [row], place / "packages" / "2026-01")
        yield Shelf(agency, doc, row["doc_id"], place / "packages" / "2026-01", made)
    renderer.close()


def test_a_package_is_a_bag_that_the_library_finds_valid(shelf: Shelf) -> None:
    bagit.Bag(str(shelf.folder)).validate(processes=1)
    assert [one for _, one in shelf.made.failed] == []


def test_paper_and_bundle_of_a_package_verify_from_outside(shelf: Shelf) -> None:
    trust = shelf.folder / "data" / "trust.json"
    for name in ("document.pdf", "bundle.json"):
        file = shelf.folder / "data" / shelf.doc_id / name
        ended = CliRunner().invoke(app, ["verify", str(file), "--trust", str(trust)])
        assert ended.exit_code == 0, ended.output


def test_a_package_opens_without_a_key_and_for_its_owner_alone(shelf: Shelf) -> None:
    folder = shelf.folder / "data" / shelf.doc_id
    written = json.loads((folder / "document.json").read_bytes())
    assert written["answers"] == reading.answers_of(
        shelf.agency.services.desk, reading.row_of(shelf.agency.services.desk, shelf.doc)
    )
    assert [one["transition"] for one in written["steps"]] == ["submit", "claim", "approve", "upload"]
    assert {one.stat().st_mode & 0o077 for one in shelf.folder.rglob("*")} == {0}
    elements = json.loads((folder / "metadata.json").read_bytes())
    assert (elements["保管期限"], elements["保管至"], elements["日期"]) == ("Y50", "2076-12-31", "2026-03-05")


def test_the_report_says_what_was_judged_and_what_was_not(shelf: Shelf) -> None:
    report = json.loads((shelf.folder / "data" / "four-properties.json").read_bytes())
    found = {(one["kind"], one["name"]): one["result"] for one in report["documents"][shelf.doc_id]}
    assert {kind for kind, _ in found} == {"authenticity", "integrity", "usability", "safety"}
    assert {name for name, result in found.items() if result == "failed"} == set()
    assert {name for name, result in found.items() if result == "not_judged"} <= {("safety", "malware")}


def test_the_access_log_knows_that_the_document_left_whole(shelf: Shelf) -> None:
    desk = shelf.agency.services.desk
    left = [one for one in desk.access.entries() if one.purpose == "archive"]
    assert [(one.doc, one.what, one.basis) for one in left] == [(shelf.doc, ("whole",), "archive")]


def _edit(name: str, change: Callable[[str], str]) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        file = folder / name
        text = file.read_text("utf-8")
        assert change(text) != text
        file.write_text(change(text), "utf-8")

    return act


def _rename_the_person(name: str) -> Callable[[Path], None]:
    def act(folder: Path) -> None:
        who = json.loads((folder / "document.json").read_bytes())["answers"]["insured"]["full_name"]
        data = (folder / name).read_bytes()
        escaped = json.dumps(who)[1:-1].encode()
        changed = data.replace(who.encode(), "王改名".encode()).replace(escaped, b"changed")
        assert changed != data
        (folder / name).write_bytes(changed)

    return act


def _lose_an_attachment(folder: Path) -> None:
    next((folder / "attachments").iterdir()).unlink()


def _add_a_page(folder: Path) -> None:
    paper = PdfWriter(clone_from=folder / "document.pdf")
    paper.add_blank_page()
    paper.write(folder / "document.pdf")


def _add_a_program(folder: Path) -> None:
    (folder / "run.exe").write_bytes(b"MZ")


def _open_to_others(folder: Path) -> None:
    folder.chmod(0o755)


def _empty_an_element(text: str) -> str:
    return text.replace('"密级": "L3"', '"密级": ""')


@pytest.mark.parametrize(
    ("harm", "kind", "name"),
    [
        (_rename_the_person("document.json"), "authenticity", "answers"),
        (_rename_the_person("bundle.json"), "authenticity", "bundle"),
        (_edit("document.json", lambda text: text.replace('"seq": 2', '"seq": 9', 1)), "integrity", "steps"),
        (_edit("metadata.json", _empty_an_element), "integrity", "metadata"),
        (_add_a_page, "authenticity", "paper"),
        (_lose_an_attachment, "integrity", "attachments"),
        (_add_a_program, "safety", "known_formats"),
        (_open_to_others, "safety", "closed_to_others"),
    ],
)
def test_every_harm_is_found_under_its_property(
    shelf: Shelf, tmp_path: Path, harm: Callable[[Path], None], kind: str, name: str
) -> None:
    folder = tmp_path / shelf.doc_id
    shutil.copytree(shelf.folder / "data" / shelf.doc_id, folder)
    harm(folder)
    trust, now = (shelf.folder / "data" / "trust.json").read_bytes(), shelf.agency.clock.now()
    checks = properties.check_document(folder, trust, now)
    assert (kind, name) in {(one.kind, one.name) for one in checks if one.result == "failed"}
    assert package.report_of({shelf.doc_id: checks}, now)["properties"][kind] == "failed"


def test_a_package_of_a_stranger_does_not_pass_under_our_trust(shelf: Shelf, tmp_path: Path) -> None:
    folder = shelf.copy(tmp_path / "package")
    report = package.check(folder, b"{}", shelf.agency.services.desk.clock.now())
    assert report["properties"]["authenticity"] == "failed"


def test_a_folder_that_is_no_bag_is_refused(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["archive", "check", str(tmp_path)])
    assert ended.exit_code == 2


def test_the_command_line_finds_a_changed_bag(shelf: Shelf, tmp_path: Path) -> None:
    folder = shelf.copy(tmp_path / "package")
    good = CliRunner().invoke(app, ["archive", "check", str(folder), "--json"])
    assert json.loads(good.output)["properties"]["integrity"] == "passed"
    (folder / "data" / "catalogue.json").write_text('{"documents": []}', "utf-8")
    ended = CliRunner().invoke(app, ["archive", "check", str(folder)])
    assert ended.exit_code == 1


def test_what_is_open_or_destroyed_is_not_archived(shelf: Shelf, tmp_path: Path) -> None:
    agency = shelf.agency
    desk = agency.services.desk
    still_open = reading.row_of(desk, agency.submitted().doc)
    with pytest.raises(Conflict) as refused:
        package.write(agency.services, _printer(agency), [still_open], tmp_path / "open")
    assert refused.value.code == "archive.open"
    doc = _in_effect(agency)
    for who in (WANGJU, ZHULIN):
        actor, head = agency.actor(who), reading.row_of(desk, doc)["head"]
        unlock = desk.vault.unlock(actor.person, PASSPHRASE, "5e" * 32)
        shredding.approve(desk, actor, doc, "PIPL-47-4", head, unlock)
    with pytest.raises(Conflict) as gone:
        package.write(agency.services, _printer(agency), [reading.row_of(desk, doc)], tmp_path / "gone")
    assert gone.value.code == "archive.destroyed"
    assert list(tmp_path.iterdir()) == []


def test_a_package_never_overwrites_another(shelf: Shelf) -> None:
    agency = shelf.agency
    row = reading.row_of(agency.services.desk, shelf.doc)
    with pytest.raises(Conflict) as refused:
        package.write(agency.services, _printer(agency), [row], shelf.folder)
    assert refused.value.code == "archive.there"


def test_a_check_of_what_is_no_package_says_so(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        package.check(tmp_path, None, datetime(2026, 3, 5, tzinfo=UTC))
    assert refused.value.code == "archive.not_a_bag"


def test_a_package_that_is_stopped_leaves_nothing_in_clear(shelf: Shelf, tmp_path: Path) -> None:
    agency = shelf.agency
    row = reading.row_of(agency.services.desk, shelf.doc)
    told: list[Progress] = []
    with pytest.raises(Conflict) as refused:
        who, to = _printer(agency), tmp_path / "stopped"
        package.write(agency.services, who, [row, row], to, told.append, lambda: bool(told))
    assert refused.value.code == "archive.cancelled"
    assert list(tmp_path.iterdir()) == []
