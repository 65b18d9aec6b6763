"""A full or failing disk under the real server: it says so, stays readable, loses nothing acknowledged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.attack import agency
from tests.attack.agency import XIAOLIN, ZHOUMIN, Town
from tests.attack.house import Answer, Place, Server, served


def stays_readable(town: Town, receipts: list[dict[str, Any]]) -> None:
    """Every acknowledged document is in the list and opens, and the list holds nothing else."""
    page = town.call(XIAOLIN, "GET", "/documents?limit=100").json()
    assert {row["doc"] for row in page["documents"]} == {one["doc"] for one in receipts}
    assert page["total"] == len(receipts)
    for one in receipts:
        answer = town.call(XIAOLIN, "GET", f"/documents/{one['doc']}")
        assert (answer.status, answer.json()["head"]) == (200, one["event"])
        again = town.call(XIAOLIN, "GET", f"/documents/{one['doc']}/receipts/1")
        assert (again.status, again.json()["index"]) == (200, one["index"])


def says_no(answer: Answer) -> None:
    """The refusal of a journal that has stopped, in a sentence."""
    assert answer.code[0] == 503, answer.body
    assert answer.code[1] == "journal.read_only"
    assert len(answer.json()["title"]) > 8


def goes_on(place: Place, keys: agency.Keys, receipts: list[dict[str, Any]], late: dict[str, Any]) -> None:
    """After a restart with room: what was refused may be sent again, and the audit finds nothing."""
    with served(place) as server:
        town = Town(server, keys, numbers=5_000)
        stays_readable(town, receipts)
        answer = town.call(XIAOLIN, "POST", "/documents", late, "late")
        assert answer.status == 201, answer.body
        receipts.append(answer.json())
        stays_readable(town, receipts)
        numbers = [int(one["doc_no"].partition("〕")[2].removesuffix("号")) for one in receipts]
        assert numbers == list(range(1, len(receipts) + 1))
    audit = place.command("audit", "--json")
    assert (audit.returncode, json.loads(audit.stdout)["problems"]) == (0, [])


def test_a_file_that_may_not_grow_stops_acceptance_and_loses_nothing(new_place: Callable[[], Place]) -> None:
    place = new_place()
    keys = agency.known(place)
    with served(place) as server:
        town = Town(server, keys)
        receipts = [town.submitted(), town.submitted()]
        largest = max(one.stat().st_size for one in (place.data / "journal").iterdir())
        server.set_largest_file(largest + 30_000)
        while True:
            body = town.body()
            answer = town.call(XIAOLIN, "POST", "/documents", body, f"fill-{len(receipts)}")
            if answer.status != 201:
                break
            receipts.append(answer.json())
        says_no(answer)
        assert 2 < len(receipts) < 50
        stays_readable(town, receipts)
        says_no(town.call(XIAOLIN, "POST", "/documents", body, "again"))
        claim = {"expected_head": receipts[0]["event"]}
        path = f"/documents/{receipts[0]['doc']}/transitions/claim"
        says_no(town.call(ZHOUMIN, "POST", path, claim, "claim"))
        stays_readable(town, receipts)
        shown = server.send("GET", "/status.json")
        assert shown.status in (200, 303, 503)
        server.kill()
    goes_on(place, keys, receipts, body)


@pytest.mark.parametrize("fault", ["full", "sync"])
def test_a_disk_that_fails_stops_acceptance_and_loses_nothing(
    new_place: Callable[[], Place], fault: str
) -> None:
    place = new_place()
    keys = agency.known(place)
    with served(place, program="tests.attack.failing_disk") as server:
        town = Town(server, keys)
        receipts = [town.submitted(), town.submitted()]
        for one in receipts:
            town.call(ZHOUMIN, "GET", f"/documents/{one['doc']}")
        (place.folder / "fault").write_text(fault)
        body = town.body()
        says_no(town.call(XIAOLIN, "POST", "/documents", body, "late"))
        (place.folder / "fault").unlink()
        # The disk claims to be well again: what failed once is not tried again in this process.
        says_no(town.call(XIAOLIN, "POST", "/documents", body, "late"))
        stays_readable(town, receipts)
        alarms = [line for line in server.log.read_text().splitlines() if "journal.read_only" in line]
        assert len(alarms) == 1
        server.kill()
    refused_once = fault == "sync"  # its bytes may lie on the disk, without anybody having been told so
    with served(place) as server:
        rows = Town(server, keys).call(XIAOLIN, "GET", "/documents").json()["total"]
        assert rows in ((2, 3) if refused_once else (2,))
        if rows == 3:
            found = Town(server, keys).call(XIAOLIN, "POST", "/documents", body, "late")
            assert found.status == 201
            return
    goes_on(place, keys, receipts, body)


def test_a_full_disk_refuses_uploads_and_readings_that_have_to_be_logged(
    new_place: Callable[[], Place],
) -> None:
    place = new_place()
    keys = agency.known(place)
    with served(place, program="tests.attack.failing_disk") as server:
        town = Town(server, keys)
        receipt = town.submitted()
        (place.folder / "fault").write_text("full")
        upload = server.call(
            "POST", "/files", keys.tokens[XIAOLIN], b"%PDF-1.4\n%full\n%%EOF\n", "f", None,
            Content_Type="application/pdf",
        )  # fmt: skip
        assert upload.code[0] == 503
        read = town.call(ZHOUMIN, "GET", f"/documents/{receipt['doc']}")
        assert read.status == 503 or read.json()["masked"], "sensitive values in clear without a record of it"
        (place.folder / "fault").unlink()
        assert town.call(ZHOUMIN, "GET", f"/documents/{receipt['doc']}").status in (200, 503)
        assert town.call(XIAOLIN, "GET", "/documents").status == 200


def test_a_second_server_on_the_same_folder_is_refused_with_a_sentence(
    new_place: Callable[[], Place],
) -> None:
    place = new_place()
    with served(place) as server:
        town = Town(server, agency.known(place))
        second = place.command("serve", "--port", "0")
        assert second.returncode == 2
        assert second.stderr.strip() and "Traceback" not in second.stderr
        assert len(second.stderr.strip().splitlines()) == 1
        audit = place.command("audit")
        assert (audit.returncode, "Traceback" in audit.stderr) == (2, False)
        town.submitted()
    assert place.command("audit").returncode == 0


def test_a_server_without_its_unseal_file_says_so(new_place: Callable[[], Place]) -> None:
    place = new_place()
    for one in (place.folder / "configuration").rglob("unseal"):
        one.unlink()
    refused = Server(place).place.command("serve", "--port", "0")
    assert refused.returncode == 2
    assert refused.stderr.strip() and "Traceback" not in refused.stderr


def test_yesterdays_copy_of_the_data_is_read_only_with_an_alarm(
    new_place: Callable[[], Place], founded: Place
) -> None:
    place = new_place()
    keys = agency.known(place)
    with served(place) as server:
        town = Town(server, keys)
        town.submitted()
    journal = place.data / "journal"
    for one in (founded.data / "journal").iterdir():
        (journal / one.name).write_bytes(one.read_bytes())
    with served(place) as server:
        town = Town(server, keys, numbers=3_000)
        answer = town.call(XIAOLIN, "POST", "/documents", town.body(), "rolled-back")
        says_no(answer)
        assert "journal.read_only" in server.log.read_text()
    assert place.command("audit").returncode == 1
