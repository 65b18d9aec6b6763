"""The log as 郑老师 sees it from outside: checkpoints, tiles, proofs, bundles under a witness."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.desk import as_of, proving
from engine.desk.desk import Desk
from engine.desk.witnesses import name_witnesses
from engine.errors import NotFound
from engine.trust import checkpoint, keys, merkle, root, verify
from engine.trust.checkpoint import TYPE_COSIGNATURE, VerifierKey
from engine.trust.log import Tree
from tests.simulators.witnesses import KeptNote
from tests.web.conftest import DemoAgency
from web.app import create_app

WITNESS = keys.signing_key(b"\x21" * 32)
VKEY = VerifierKey("w1.example", TYPE_COSIGNATURE, WITNESS.public_key)
SECONDS = 1_795_330_000


class Named:
    """The demo's trust files with a root that names the witness, with a quorum or without."""

    def __init__(self, desk: Desk, quorum: str) -> None:
        self._under = desk.trust
        self.chain = desk.trust.root_chain()
        self.save_root_chain = lambda data: setattr(self, "chain", data)
        name_witnesses(replace(desk, trust=self), [VKEY], quorum)  # type: ignore[arg-type]

    def root_chain(self) -> bytes:
        return self.chain

    def snapshots(self) -> Any:
        return self._under.snapshots()


@pytest.fixture
def visitor(demo: DemoAgency) -> Iterator[TestClient]:
    with TestClient(create_app(demo.services), base_url="https://testserver") as client:
        yield client


def leaves_of(demo: DemoAgency) -> list[bytes]:
    journal = demo.services.desk.journal
    return [journal.leaf_hash(index) for index in range(journal.durable_size)]


def decoded(proof: list[str]) -> list[bytes]:
    return [base64.b64decode(one) for one in proof]


def test_the_tree_can_be_built_from_the_tiles_and_is_the_signed_one(
    demo: DemoAgency, visitor: TestClient
) -> None:
    read = checkpoint.open(visitor.get("/log/checkpoint").text)
    answer = visitor.get(f"/log/tile/0/000.p/{read.size}")
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    found = [answer.content[at : at + 32] for at in range(0, len(answer.content), 32)]
    assert found == leaves_of(demo)
    assert Tree(found).root() == read.root


@pytest.mark.parametrize(
    "place",
    [
        "0/000", "0/000.p/0", "0/000.p/256", "0/000.p/02", "0/000.p/+2", "0/001.p/1", "0/x000/000.p/2",
        "0/0.p/2", "0/0000.p/2", "00/000.p/2", "64/000.p/1", "1/000.p/1", "-1/000.p/1", "0/000.p/２",
        "entries/000.p/1",
        "0/x000/x000/x000/x000/x000/x000/000",
    ],
)  # fmt: skip
def test_a_tile_that_is_not_there_or_is_misspelt_is_404(visitor: TestClient, place: str) -> None:
    assert visitor.get(f"/log/tile/{place}").status_code == 404


def test_a_checkpoint_is_asked_for_anew_each_time(visitor: TestClient) -> None:
    answer = visitor.get("/log/checkpoint")
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert visitor.get("/log/cosigned").status_code == 404


def test_inclusion_of_every_entry_is_proved_by_the_api(demo: DemoAgency, visitor: TestClient) -> None:
    journal = demo.services.desk.journal
    size, top, _ = journal.checkpoint()
    for index in range(size):
        got = visitor.get("/api/v1/log/inclusion", params={"index": index}).json()
        leaf = base64.b64decode(got["leaf_hash"])
        assert (got["index"], got["size"], leaf) == (index, size, journal.leaf_hash(index))
        assert merkle.verify_inclusion(leaf, index, size, decoded(got["proof"]), top)
    got = visitor.get("/api/v1/log/inclusion", params={"index": 2, "size": 7}).json()
    at_seven = Tree(leaves_of(demo)[:7]).root()
    assert merkle.verify_inclusion(journal.leaf_hash(2), 2, 7, decoded(got["proof"]), at_seven)


def test_consistency_of_every_older_tree_is_proved_by_the_api(demo: DemoAgency, visitor: TestClient) -> None:
    size, top, _ = demo.services.desk.journal.checkpoint()
    tree = Tree(leaves_of(demo))
    for old in range(size + 1):
        got = visitor.get("/api/v1/log/consistency", params={"old": old}).json()
        assert (got["old"], got["new"]) == (old, size)
        assert merkle.verify_consistency(old, size, decoded(got["proof"]), tree.root(old), top)
    got = visitor.get("/api/v1/log/consistency", params={"old": 3, "new": 11}).json()
    assert merkle.verify_consistency(3, 11, decoded(got["proof"]), tree.root(3), tree.root(11))


BAD = (
    "inclusion", "inclusion?index=x", "inclusion?index=01", "inclusion?index=-1", "inclusion?index=1&size=",
    "inclusion?index=99999999999999999", "consistency", "consistency?old=1e3",
)  # fmt: skip
ABSENT = (
    "inclusion?index=9999999", "inclusion?index=5&size=5", "inclusion?index=0&size=9999999",
    "consistency?old=9999999", "consistency?old=5&new=4", "consistency?old=1&new=9999999",
)  # fmt: skip


@pytest.mark.parametrize(("query", "status"), [*((one, 400) for one in BAD), *((one, 404) for one in ABSENT)])
def test_what_cannot_be_proved_is_refused(visitor: TestClient, query: str, status: int) -> None:
    answer = visitor.get(f"/api/v1/log/{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


# -- bundles under a witness --


def witnessed(desk: Desk, size: int) -> str:
    """The checkpoint of that size as log and witness signed it."""
    top = Tree(desk.journal.leaf_hash(index) for index in range(size)).root()
    text = checkpoint.encode_checkpoint(desk.agency.origin, size, top)
    public = desk.vault.public_keys()["log"]
    # The vault signs no older tree; the newest note lends its line where the size is the same.
    assert desk.journal.checkpoint()[0] == size
    note = checkpoint.signed_note(text, desk.agency.origin, public, desk.vault.sign_log(text.encode()))
    return note + checkpoint.cosign(note, VKEY.name, WITNESS, SECONDS)


def judged(desk: Desk, data: bytes) -> tuple[dict[str, str], list[str], str]:
    report = verify.verify(data, desk.trust.root_chain(), now=datetime.now(UTC))
    statuses: dict[str, str] = {one.name: one.status for one in report.verdicts}
    codes = next(one.code for one in report.verdicts if one.name == "order")
    return statuses, report.log.get("witnesses", []), codes


GOOD = dict.fromkeys(("integrity", "identity", "authority", "order", "freshness"), "good")


def test_a_bundle_stands_on_the_cosigned_checkpoint_that_covers_it(demo: DemoAgency) -> None:
    plain = demo.services.desk
    desk = replace(plain, trust=Named(plain, "none"))  # type: ignore[arg-type]
    note = witnessed(desk, desk.journal.durable_size)
    Named(plain, "any")  # another leaf: the cosigned checkpoint is no longer the newest
    assert checkpoint.open(note).size == desk.journal.durable_size - 1
    desk = replace(desk, witnessed=KeptNote(note))
    statuses, names, _ = judged(desk, proving.bundle_of(desk, demo.first(), proving.nothing))
    assert (statuses, names) == (GOOD, ["w1.example"])


def test_a_bundle_of_what_no_witness_has_seen_stands_on_our_newest_checkpoint(demo: DemoAgency) -> None:
    plain = demo.services.desk
    desk = replace(plain, trust=Named(plain, "none"))  # type: ignore[arg-type]
    small = Tree(desk.journal.leaf_hash(index) for index in range(2))
    note = checkpoint.sign(checkpoint.encode_checkpoint(desk.agency.origin, 2, small.root()), "x", WITNESS)
    for kept in (note, "", witnessed(plain, plain.journal.durable_size).split("— w1.example")[0]):
        one = replace(desk, witnessed=KeptNote(kept))
        statuses, names, _ = judged(one, proving.bundle_of(one, demo.first(), proving.nothing))
        assert (statuses, names) == (GOOD, [])


def test_lines_of_witnesses_the_root_does_not_name_stay_out(demo: DemoAgency) -> None:
    desk = demo.services.desk
    one = replace(desk, witnessed=KeptNote(witnessed(desk, desk.journal.durable_size)))
    statuses, names, _ = judged(one, proving.bundle_of(one, demo.first(), proving.nothing))
    assert (statuses, names) == (GOOD, [])


def test_a_quorum_of_any_is_asked_of_every_bundle(demo: DemoAgency) -> None:
    plain = demo.services.desk
    desk = replace(plain, trust=Named(plain, "any"))  # type: ignore[arg-type]
    seen = replace(desk, witnessed=KeptNote(witnessed(desk, desk.journal.durable_size)))
    statuses, names, _ = judged(seen, proving.bundle_of(seen, demo.first(), proving.nothing))
    assert (statuses, names) == (GOOD, ["w1.example"])
    statuses, names, code = judged(desk, proving.bundle_of(desk, demo.first(), proving.nothing))
    assert (statuses, names, code) == ({**GOOD, "order": "bad"}, [], "order.quorum")


def test_a_note_of_another_history_is_never_used(demo: DemoAgency) -> None:
    plain = demo.services.desk
    desk = replace(plain, trust=Named(plain, "none"))  # type: ignore[arg-type]
    size = desk.journal.durable_size
    text = checkpoint.encode_checkpoint(desk.agency.origin, size, bytes(32))
    note = checkpoint.sign(text, desk.agency.origin, WITNESS)
    note += checkpoint.cosign(note, VKEY.name, WITNESS, SECONDS)
    one = replace(desk, witnessed=KeptNote(note))
    statuses, names, _ = judged(one, proving.bundle_of(one, demo.first(), proving.nothing))
    assert (statuses, names) == (GOOD, [])


def test_the_root_that_names_witnesses_is_logged_and_signed_by_both_thresholds(demo: DemoAgency) -> None:
    plain = demo.services.desk
    chain = Named(plain, "all").root_chain()
    roots = root.walk(root.read_trust_file(chain))
    assert [one.version for one in roots] == [1, 2]
    assert roots[0].witness_policy.endswith("quorum none\n")
    assert roots[1].witness_policy.splitlines()[1:] == [
        f"witness w1.example {VKEY.text()}",
        "group chosen all w1.example",
        "quorum chosen",
    ]
    last = plain.journal.read(plain.journal.durable_size - 1)
    assert last.envelope.pae() == root.read_trust_file(chain)[1].pae()


def test_a_proof_as_of_a_cosigned_checkpoint_rests_on_the_very_note_of_then(demo: DemoAgency) -> None:
    plain = demo.services.desk
    desk = replace(plain, trust=Named(plain, "any"))  # type: ignore[arg-type]
    size = desk.journal.durable_size
    kept = KeptNote(witnessed(desk, size))
    seen = replace(desk, witnessed=kept)
    indexes = [step["index"] for step in demo.first()["steps"]]

    given = as_of.newest(seen, indexes)
    kept.note = kept.note.replace("w1.example", "w9.example")  # the newest is another one by now
    again = as_of.at(seen, size)

    assert (given.size, given.note, given.people) == (again.size, again.note, again.people)
    statuses, names, _ = judged(seen, proving.bundle_of(seen, demo.first(), proving.nothing, moment=again))
    assert (statuses, names) == (GOOD, ["w1.example"])


class Later:
    """A journal whose records came in long after the root that asks for witnesses."""

    def __init__(self, under: Any) -> None:
        self._under = under

    def __getattr__(self, name: str) -> Any:
        return getattr(self._under, name)

    def read(self, index: int) -> Any:
        return replace(self._under.read(index), received_at="2099-01-01T00:00:00Z")


def test_a_checkpoint_that_its_quorum_has_not_seen_is_no_ground_for_an_old_paper(demo: DemoAgency) -> None:
    plain = demo.services.desk
    trust: Any = Named(plain, "any")
    desk = replace(plain, trust=trust, witnessed=KeptNote(), journal=Later(plain.journal))

    with pytest.raises(NotFound, match=r"checkpoint\.not_witnessed"):
        as_of.at(desk, desk.journal.durable_size)
