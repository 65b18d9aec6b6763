"""What happens to keys and content afterwards: events confirmed by somebody else, content gone, amended."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.trust import canonical, identifiers
from engine.trust.statement import FormRef
from tests.corpus.case import CLAIM, SHOWN, SUBMIT, Case, agency_where
from tests.engine.trust.agency import DOC, LIN, WANG, ZHOU, Agency, person_entry

BASIS = "PIPL-47-1"
DESTROYED = {"integrity": "integrity.destroyed"}
REFUSED = {"authority": "authority.shred"}
NO_FORM = FormRef("none", "0.0.0", "0" * 64)


def cases() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _reaffirmed()
    yield from _destroyed()
    yield from _amended()
    yield from _shipped()


def _suspect(*, also: str = "") -> tuple[Agency, list[str]]:
    """小林 submits; 周敏's key was in other hands when it claimed. The events after the snapshot, by id."""
    people = [person_entry(one, key_suspect_since_index=2) if one in (ZHOU, also) else person_entry(one)
              for one in (LIN, ZHOU, WANG)]  # fmt: skip
    agency = agency_where(SUBMIT, CLAIM, people=people)
    return agency, [identifiers.event_id(one.envelope.pae()) for one in agency.records[1:]]


def _affirm(agency: Agency, person: str, events: Sequence[str]) -> bytes:
    agency.act(DOC, person, "", "under_review", "under_review", type="review.reaffirm",
               saw={"events": list(events)})  # fmt: skip
    return agency.bundle(DOC, SHOWN)


def _reaffirmed() -> Iterator[Case]:
    agency, events = _suspect()
    yield Case("good-reaffirmed", "The claim was made with a compromised key; another reviewer confirmed it.",
               _affirm(agency, WANG, events[1:]), {"authority": "authority.reaffirmed"})
    agency, events = _suspect()
    yield Case("reaffirmed-by-the-clerk", "A clerk, who may not claim, confirmed a reviewer's claim.",
               _affirm(agency, LIN, events[1:]), {"authority": "authority.reaffirm"})
    agency, events = _suspect()
    yield Case("reaffirmed-by-oneself", "The holder of the compromised key confirmed her own event.",
               _affirm(agency, ZHOU, events[1:]), {"authority": "authority.reaffirm"})
    agency, events = _suspect(also=WANG)
    yield Case("reaffirmed-with-a-suspect-key", "Whoever confirmed has a compromised key too.",
               _affirm(agency, WANG, events[1:]), {"authority": "authority.suspect"})
    agency, events = _suspect()
    yield Case("reaffirmed-without-need", "A confirmation names an event that nothing was wrong with.",
               _affirm(agency, WANG, events), {"authority": "authority.reaffirm"})
    agency, events = _suspect()
    yield Case("reaffirmed-nothing", "A confirmation names no event.",
               _affirm(agency, WANG, ()), {"authority": "authority.reaffirm"})


def _destroyed() -> Iterator[Case]:
    yield Case("good-shredded", "Two people approved the destruction; the chain goes on and holds.",
               _shred((ZHOU, BASIS), (WANG, BASIS)), DESTROYED)
    yield Case("shredded-without-approval", "The platform destroyed content that nobody had approved of.",
               _shred(), REFUSED)
    yield Case("shredded-by-one", "One person approved the destruction.", _shred((ZHOU, BASIS)), REFUSED)
    yield Case("shredded-by-one-twice", "The same person approved the destruction twice.",
               _shred((ZHOU, BASIS), (ZHOU, BASIS)), REFUSED)
    yield Case("shredded-on-two-bases", "Two people approved, each on another legal basis.",
               _shred((ZHOU, BASIS), (WANG, "PIPL-47-2")), REFUSED)
    yield Case("shredded-without-basis", "Two people approved on no legal basis.",
               _shred((ZHOU, ""), (WANG, ""), basis=""), REFUSED)
    yield Case("shredded-by-a-person", "A person, not the platform, signed the destruction itself.",
               _shred((ZHOU, BASIS), (WANG, BASIS), by=WANG), REFUSED)


def _shred(*consents: tuple[str, str], basis: str = BASIS, by: str = "platform") -> bytes:
    agency, named = agency_where(SUBMIT), []
    for person, said in consents:
        state, body = "submitted", {"basis": said}
        one = agency.act(DOC, person, "", state, state, type="shred.approve", body=body)
        named.append(identifiers.event_id(one.pae()))
    done = {"approvals": named, "basis": basis, "wraps_before": "0" * 64, "wraps_after": "1" * 64}
    agency.act(DOC, by, "", "submitted", "submitted", type="shred", body=done)
    return agency.bundle(DOC)


def _amended() -> Iterator[Case]:
    update = {"update": {"doc": "u" * 26, "doc_id": "LTCI-UPD-310199-20260310-000001-5", "event": "e" * 64}}
    agency = agency_where(SUBMIT)
    agency.act(DOC, ZHOU, "", "submitted", "submitted", type="amend", body=update)
    yield Case("good-amended", "A new revision that another document brought about; the state stays.",
               agency.bundle(DOC, SHOWN))  # fmt: skip
    agency = agency_where(SUBMIT)
    agency.act(DOC, ZHOU, "", "submitted", "approved", type="amend", body=update)
    yield Case("amended-into-another-state", "A new revision by another document moved this one as well.",
               agency.bundle(DOC), {"order": "order.transition"})  # fmt: skip


def _shipped() -> Iterator[Case]:
    yield Case("good-shipped", "The platform records a form version that a release brought along.",
               _ship("platform", "shipped"))  # fmt: skip
    yield Case("shipped-into-another-state", "A record of no form moved from one state to another.",
               _ship("platform", "retired"), {"order": "order.transition"})  # fmt: skip


def _ship(by: str, target: str) -> bytes:
    entry = {"form": "info_entry", "version": "1.0.0", "sha256": "f" * 64, "lift": "", "follows": "",
             "effective_on": "2020-01-01", "drafts": {"rule": "lift", "until": ""}, "clause": ""}  # fmt: skip
    agency = agency_where(SUBMIT)
    doc = "s" * 26
    agency.act(doc, by, "", "shipped", target, type="forms.ship", form=NO_FORM,
               body={"release": "0.1.0", "ships": [entry]})  # fmt: skip
    return canonical.encode({**agency.bundle_value(doc), "forms": []})
