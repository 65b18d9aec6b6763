"""`fengjian audit`: every record of the journal again, and the read side against it.

Decides nothing about a record (engine.trust.audit does) and repairs nothing. Ends with 1 on any fault.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from engine import projection
from engine.errors import Invalid, NotFound, Problem
from engine.trust import canonical, checkpoint, identifiers, root, snapshot
from engine.trust.audit import audit
from engine.trust.envelope import EVENT, Envelope
from web.assemble import OpenDesk, open_desk
from web.cli.speaking import print_json, refusals, say, stop


def run_audit(data: Path, since: Path | None, as_json: bool) -> None:
    """Audit a data folder; `since` is a checkpoint of earlier days that the journal must continue."""
    with refusals():
        older = _read_checkpoint(since) if since is not None else ""
        opened = open_desk(data)
        try:
            size, _, _ = opened.desk.journal.checkpoint()
            problems = [*_audit_journal(opened, older), *_audit_projection(opened)]
        finally:
            opened.close()
    if as_json:
        found: dict[str, Any] = {"records": size, "problems": [problem.as_json() for problem in problems]}
        if older:
            found["since"] = checkpoint.open(older).size
        print_json(found)
    else:
        for problem in problems:
            print(say("cli.audit.problem", code=problem.code, index=problem.facts.get("index", "–")))
        if older and not problems:
            print(say("cli.audit.since", size=checkpoint.open(older).size))
        print(say("cli.audit.good" if not problems else "cli.audit.bad", records=size, count=len(problems)))
    raise SystemExit(1 if problems else 0)


def _read_checkpoint(place: Path) -> str:
    try:
        note = place.read_text("utf-8")
        checkpoint.open(note)
        return note
    except (OSError, UnicodeDecodeError):
        stop(say("cli.file", path=place))
    except Invalid:
        stop(say("cli.audit.no_checkpoint", path=place))


def _audit_journal(opened: OpenDesk, older: str) -> list[Problem]:
    desk = opened.desk
    if desk.journal.read_only is not None:
        return [Problem("", desk.journal.read_only)]
    people = {
        snapshot.read(Envelope.from_json(canonical.parse(envelope)).payload).version: json.loads(entries)
        for _, envelope, entries in desk.trust.snapshots()
    }

    def form_bytes(digest: str) -> bytes | None:
        try:
            form = desk.registry.by_digest(digest).bundle
        except NotFound:
            return None
        return canonical.encode_bundle(
            {"schema": form.schema, "states": form.states, "layout": form.layout, "locale": form.locale}
        )

    def people_of(one: snapshot.Snapshot) -> Any:
        return people.get(one.version, [])

    chain = root.walk(root.read_trust_file(desk.trust.root_chain()))
    _, _, note = desk.journal.checkpoint()
    return list(
        audit(
            desk.journal.scan(),
            trust=chain,
            forms=form_bytes,
            people=people_of,
            checkpoints=[note, older] if older else [note],
        )
    )


def _audit_projection(opened: OpenDesk) -> list[Problem]:
    """The rows that are kept against rows made anew from the journal."""
    desk = opened.desk
    rows: dict[str, Any] = {}
    for record in desk.journal.scan():
        if record.envelope.payload_type != EVENT:
            continue
        statement = record.statement()
        event = identifiers.event_id(record.envelope.pae())
        place = record.kept_at()
        kept = None if place is None else desk.erasable.read(place)
        changes = projection.project(rows.get(statement["doc"]), record, event, statement, kept)
        if changes.row is not None:
            rows[changes.row["doc"]] = changes.row
    kept = {row["doc"]: row for row in desk.store.rows()}
    return [
        Problem("", "projection.differs", {"doc": doc})
        for doc in sorted(rows.keys() | kept.keys())
        if _plain(rows.get(doc)) != _plain(kept.get(doc))
    ]


def _plain(row: Any) -> Any:
    return json.loads(json.dumps(row)) if row is not None else None
