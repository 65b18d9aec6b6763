"""Many clients at the same moment: one winner, one document for one key, numbers without gaps."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.attack.agency import DUPING, HEJING, XIAOLIN, ZHOUMIN, Town
from tests.attack.house import Answer

TICKS = {"accuracy": True, "completeness": True, "no_interest": True}


def at_once(count: int, ask: Callable[[int], Answer]) -> list[Answer]:
    """So many calls, let loose together."""
    gate = threading.Barrier(count)
    answers: list[Answer | None] = [None] * count

    def one(number: int) -> None:
        gate.wait()
        answers[number] = ask(number)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answer for answer in answers if answer is not None]


def statuses(answers: list[Answer]) -> Counter[int]:
    return Counter(answer.status for answer in answers)


def test_of_fifty_reviewers_who_claim_at_once_one_wins(town: Town) -> None:
    receipt = town.submitted()
    path, body = f"/documents/{receipt['doc']}/transitions/claim", {"expected_head": receipt["event"]}
    answers = at_once(50, lambda n: town.call((ZHOUMIN, HEJING)[n % 2], "POST", path, body, f"{path}-{n}"))
    assert statuses(answers) == {200: 1, 409: 49}
    winner = next(answer.json()["event"] for answer in answers if answer.status == 200)
    assert {answer.json()["head"] for answer in answers if answer.status == 409} == {winner}
    assert town.call(XIAOLIN, "GET", f"/documents/{receipt['doc']}").json()["seq"] == 2


def test_of_fifty_approvals_at_once_one_counts(town: Town) -> None:
    claimed = town.taken(ZHOUMIN, town.submitted(), "claim")
    path = f"/documents/{claimed['doc']}/transitions/approve"
    body = {"expected_head": claimed["event"], "answers": TICKS}
    answers = at_once(50, lambda n: town.call(ZHOUMIN, "POST", path, body, f"{path}-{n}"))
    assert statuses(answers) == {200: 1, 409: 49}
    found = town.call(XIAOLIN, "GET", f"/documents/{claimed['doc']}").json()
    assert [step["transition"] for step in found["steps"]] == ["submit", "claim", "approve"]


def test_the_same_approval_fifty_times_is_one_approval_with_one_receipt(town: Town) -> None:
    claimed = town.taken(ZHOUMIN, town.submitted(), "claim")
    path = f"/documents/{claimed['doc']}/transitions/approve"
    body = {"expected_head": claimed["event"], "answers": TICKS}
    answers = at_once(50, lambda _: town.call(ZHOUMIN, "POST", path, body, f"{path}-once"))
    assert statuses(answers) == {200: 50}
    assert len({answer.json()["event"] for answer in answers}) == 1


def test_thirty_two_clients_with_one_key_make_one_document(town: Town) -> None:
    body, before = town.body(), town.server.log_size()
    answers = at_once(32, lambda _: town.call(XIAOLIN, "POST", "/documents", body, "one-key"))
    assert statuses(answers) == {201: 32}
    assert len({answer.json()["doc"] for answer in answers}) == 1
    assert town.server.log_size() == before + 1


def test_one_key_for_thirty_two_payloads_makes_one_document(town: Town) -> None:
    bodies = [town.body() for _ in range(32)]
    answers = at_once(32, lambda n: town.call(XIAOLIN, "POST", "/documents", bodies[n], "one-key-many"))
    assert statuses(answers) == {201: 1, 409: 31}
    assert {answer.code for answer in answers if answer.status == 409} == {(409, "idempotency.other_payload")}


def test_official_numbers_have_no_gap_when_many_submit_and_some_fail(town: Town) -> None:
    bodies = [town.body() for _ in range(32)]
    for bad in bodies[::4]:
        del bad["answers"]["health"]
    answers = at_once(32, lambda n: town.call(XIAOLIN, "POST", "/documents", bodies[n], f"gap-{n}"))
    assert statuses(answers) == {201: 24, 422: 8}
    numbers = sorted(
        int(answer.json()["doc_no"].partition("〕")[2].removesuffix("号"))
        for answer in answers
        if answer.status == 201
    )
    assert numbers == list(range(numbers[0], numbers[0] + 24))


def test_a_key_of_one_person_is_no_key_of_another(town: Town) -> None:
    receipt = town.submitted()
    path, body = f"/documents/{receipt['doc']}/transitions/claim", {"expected_head": receipt["event"]}
    first = town.call(ZHOUMIN, "POST", path, body, "shared")
    second = town.call(HEJING, "POST", path, body, "shared")
    assert (first.status, second.status) == (200, 409)


def test_an_unknown_account_and_a_wrong_password_are_answered_alike(town: Town) -> None:
    def tried(staff_no: str) -> tuple[int, str, float]:
        page = town.server.send("GET", "/sign-in")
        csrf = page.body.decode().split('name="_csrf" value="', 1)[1].split('"', 1)[0]
        cookie = page.headers["set-cookie"].split(";", 1)[0]
        data = f"_csrf={csrf}&staff_no={staff_no}&password=wrong-password-of-mine".encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        began = time.perf_counter()
        answer = town.server.send("POST", "/sign-in", data, headers)
        spent = time.perf_counter() - began
        words = answer.body.decode().replace(csrf, "").replace(staff_no, "")
        return answer.status, words, spent

    known, unknown = [], []
    for number in range(4):
        known.append(tried("YW000232"))
        unknown.append(tried(f"YW90000{number}"))
    left = tried(DUPING)
    assert {one[0] for one in (*known, *unknown, left)} == {401}
    assert len({one[1] for one in (*known, *unknown, left)}) == 1
    times = [statistics.median(one[2] for one in tries) for tries in (known, unknown)]
    # Without the hashing an unknown account would be answered tens of times as fast.
    assert max(times) < 4 * min(times) and left[2] > min(times) / 4, (times, left[2])
