"""The core event in this process: validate, commit, seal, sign, leaf – what a submission costs in thought.

No disk, no HTTP. Each stage is timed by itself over different people, and all of them in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from engine.desk import attaching, checking, sealing
from engine.desk.sealing import path_of
from engine.identity import utc_text
from engine.registry.validate import validate
from engine.trust import envelope as dsse
from engine.trust import identifiers, leaves
from engine.trust.seal import ATTACHMENTS_PREFIX
from engine.trust.statement import ActorRef, FormRef, Statement, build
from tests.benchmarks.agency import CLERK, at_work, median_of, read_prepared
from tests.benchmarks.material import FORM, Answers
from web.assemble import open_desk

PEOPLE = 200


@dataclass(frozen=True, slots=True)
class CoreEvent:
    """Medians in microseconds."""

    whole: float
    stages: dict[str, float]


def measure(data: Path, times: int) -> CoreEvent:
    """Time the core event on a prepared folder; nothing is written."""
    opened = open_desk(data)
    try:
        desk = opened.desk
        clerk, unlock = at_work(desk, CLERK)
        now = desk.clock.now()
        form = desk.registry.in_force(FORM, now.date())
        made = Answers(read_prepared(data).digests)
        people = [made.about(number) for number in range(PEOPLE)]
        around = checking.surroundings(desk, clerk, "acceptance_clerk", now, form, people[0], None)
        bound = attaching.bind(desk, clerk, form, people[0], None)
        moment, doc = utc_text(now), "a" * 26
        size, root = 1, "0" * 64

        def grouped(number: int) -> dict[str, list[tuple[str, object]]]:
            groups = sealing.group_fields(form, people[number % PEOPLE])
            for file_id, entry in bound.sealed.items():
                groups.setdefault(entry["class"], []).append((f"{ATTACHMENTS_PREFIX}{file_id}", entry))
            for fields in groups.values():
                fields.sort(key=path_of)
            return groups

        groups = [grouped(number) for number in range(PEOPLE)]

        def sealed(number: int) -> sealing.Sealed:
            return wrapped(sealing.seal_groups(desk, form, doc, 1, groups[number % PEOPLE], {}))

        def wrapped(parts: sealing.Sealed) -> sealing.Sealed:
            desk.vault.prepare(doc, parts.fresh, {}, "", b"")
            return parts

        def stated(parts: sealing.Sealed) -> bytes:
            return build(
                Statement(
                    origin=desk.agency.origin,
                    agency=desk.agency.code,
                    doc=doc,
                    seq=1,
                    prev="",
                    type="submit",
                    form=FormRef(form.bundle.form, form.bundle.version, form.bundle.digest),
                    source="draft",
                    target="submitted",
                    transition="submit",
                    actor=ActorRef(
                        clerk.person, "acceptance_clerk", clerk.unit, "0" * 32, clerk.grants[0].id
                    ),
                    auth={"method": "token", "session": clerk.session, "tier": "S0"},
                    purpose={"basis": "PIPL-13-3", "code": "benefit-administration"},
                    header=HEADER,
                    parts=parts.refs,
                    attachments=bound.refs,
                    saw={},
                    anchor={"size": size, "root": root},
                    time=moment,
                    nonce="0" * 32,
                )
            )

        def signed(payload: bytes) -> dsse.Envelope:
            message = identifiers.pae(dsse.EVENT, payload)
            platform = desk.vault.sign_platform(message)
            person = desk.vault.sign_as(unlock, clerk.person, message)
            return dsse.Envelope(dsse.EVENT, payload, (person, platform))

        def leaf(envelope: dsse.Envelope) -> bytes:
            event = identifiers.event_id(envelope.pae())
            return identifiers.leaf_hash(leaves.leaf(event, envelope.signatures, (doc, 1, "submit"), moment))

        def whole(number: int) -> bytes:
            validate(form, people[number % PEOPLE], around)
            return leaf(signed(stated(wrapped(sealing.seal_groups(desk, form, doc, 1, grouped(number), {})))))

        judgement = validate(form, people[0], around)
        if judgement.errors or bound.problems:
            raise RuntimeError(f"the example is refused: {judgement.errors or bound.problems}")
        parts = sealed(0)
        payload = stated(parts)
        envelope = signed(payload)
        stages: dict[str, Callable[[int], object]] = {
            "validate": lambda number: validate(form, people[number % PEOPLE], around),
            "group by class": grouped,
            "commit and seal": sealed,
            "statement": lambda number: stated(parts),
            "sign twice": lambda number: signed(payload),
            "leaf": lambda number: leaf(envelope),
        }
        for number in range(30):
            whole(number)
        return CoreEvent(
            whole=median_of(whole, times) * 1e6,
            stages={name: median_of(work, times) * 1e6 for name, work in stages.items()},
        )
    finally:
        opened.close()


HEADER = {
    "doc_id": "LTCI-ENT-310104-20260305-000001-7",
    "doc_no": "长护录〔2026〕1号",
    "data_level": "L3",
    "legal_basis": "statutory_duty",
    "retention_class": "Y30",
    "retain_until": "2057-01-01",
    "info_categories": ["customer", "business"],
    "revision": 1,
    "region_code": "310104",
    "dept_code": "business_acceptance",
    "source_channel": "partner_api",
    "created_at": "2026-03-05T02:10:00Z",
    "submitted_at": "2026-03-05T02:10:00Z",
    "collector": "p_aaaaaaaaaaaaaaaa",
}
