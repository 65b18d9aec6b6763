"""A partner's machine: given by two, within the contract, with a key of its own; taken away by one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.desk import keys, machines, people
from engine.desk.people import NewPerson
from engine.errors import NeedsUnlock, NotAllowed, NotFound, Refused
from engine.lifecycle.people import Partner
from tests.engine.desk.administration import GUO, HU, MA, person, with_administrators
from tests.engine.desk.office import LIN, Office, open_office
from tests.engine.desk.test_keys import audited

GAO = "WB000052"
END = "2027-12-31"


@pytest.fixture
def office() -> Office:
    office = with_administrators(open_office())
    roles = (("partner_user", None, None),)
    partner = Partner("52310199MJ0T00129R", "2026-01-01", END)
    gao = NewPerson(GAO, "高岩", "external", "310104", "", roles, "password", "phrase gao", partner)
    people.enrol(office.desk, [gao])
    return office


def proposed(office: Office, last_day: str = END, name: str = "scanner", whose: str = GAO) -> str:
    who = office.actors[GUO], office.unlocks[GUO]
    return machines.propose(office.desk, who[0], person(office, whose), name, last_day, who[1])


def test_two_administrators_give_a_machine_that_signs_with_its_own_key(office: Office) -> None:
    desk, gao = office.desk, person(office, GAO)
    proposal = proposed(office)
    with pytest.raises(NotAllowed) as alone:
        machines.confirm(desk, office.actors[GUO], gao, proposal, "a phrase of chance", office.unlocks[GUO])
    assert alone.value.code == "proposal.second_person"
    made, facts = machines.confirm(
        desk, office.actors[MA], gao, proposal, "a phrase of chance", office.unlocks[MA]
    )
    assert (made.name, made.staff_no, facts["last_day"]) == ("scanner", f"{GAO}-1", END)
    assert machines.is_machine(made) and made.partner == desk.directory.by_person(gao).partner  # type: ignore[union-attr]
    assert not desk.directory.password_is(made, "")
    assert desk.vault.unlock(made.person, "a phrase of chance", "5e" * 32)
    entry = next(one for one in people.entries(desk) if one["person"] == made.person)
    assert [one["key"] for one in entry["keys"]] == [made.public_key]
    assert "scanner" not in repr([record.statement() for record in desk.journal.scan(1)])
    with pytest.raises(NotFound):
        machines.confirm(desk, office.actors[MA], gao, proposal, "once more", office.unlocks[MA])
    assert audited(office) == []


@pytest.mark.parametrize(
    ("last_day", "name", "whose", "code"),
    [
        ("2028-01-01", "scanner", GAO, "machine.days"),
        ("2026-03-04", "scanner", GAO, "machine.days"),
        ("2026-3-9", "scanner", GAO, "machine.days"),
        (END, " ", GAO, "machine.name"),
        (END, "x" * 41, GAO, "machine.name"),
        (END, "scanner", LIN, "machine.no_partner"),
    ],
)
def test_a_machine_is_bound_to_a_partner_and_its_contract(
    office: Office, last_day: str, name: str, whose: str, code: str
) -> None:
    with pytest.raises(Refused) as refused:
        proposed(office, last_day, name, whose)
    assert refused.value.code == code


def test_a_confirmation_that_fails_leaves_no_key_behind(office: Office) -> None:
    desk, gao, proposal = office.desk, person(office, GAO), proposed(office)
    before = len(desk.directory.all())
    with pytest.raises(NeedsUnlock):
        machines.confirm(desk, office.actors[HU], gao, proposal, "a phrase of chance", None)
    assert len(desk.directory.all()) == before
    machines.confirm(desk, office.actors[HU], gao, proposal, "a phrase of chance", office.unlocks[HU])


def test_a_machines_proposal_is_not_confirmed_as_anything_else(office: Office) -> None:
    proposal = proposed(office)
    with pytest.raises(NotFound):
        keys.confirm(office.desk, office.actors[MA], person(office, GAO), proposal, office.unlocks[MA])


def test_one_security_administrator_takes_tokens_away(office: Office) -> None:
    desk, gao = office.desk, person(office, GAO)
    made, _ = machines.confirm(
        desk, office.actors[MA], gao, proposed(office), "a phrase of chance", office.unlocks[MA]
    )
    for whose in (made.person, gao):
        account = desk.directory.by_person(whose)
        assert account is not None
        entry = {"id": "t1", "hash": f"hash of {whose}", "name": "scanner", "expires": END}
        desk.directory.save(replace(account, tokens=(entry,)))
    assert [one.account.person for one in machines.tokens(desk)] == [gao, made.person]
    with pytest.raises(NotAllowed):
        machines.revoke(desk, office.actors[MA], gao, "t1", office.unlocks[MA])
    for whose in (made.person, gao):
        machines.revoke(desk, office.actors[GUO], whose, "t1", office.unlocks[GUO])
    assert machines.tokens(desk) == ()
    ended, human = desk.directory.by_person(made.person), desk.directory.by_person(gao)
    assert ended is not None and not ended.active
    assert human is not None and human.active and human.public_key
    with pytest.raises(NotFound):
        machines.revoke(desk, office.actors[GUO], gao, "t1", office.unlocks[GUO])
    assert audited(office) == []
