"""Proving: receipts and proof bundles, so that a stranger can check without us.

Decides what a bundle of a document contains. What is disclosed is the caller's wish within the person's
right; nothing of the answers goes in unless it is named.
"""

from __future__ import annotations

import json
from base64 import b32encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from hashlib import sha256

from engine.desk import as_of, grounds, reading, sealing
from engine.desk.as_of import Moment
from engine.desk.desk import Desk, Receipt
from engine.desk.submitting import receipt_of
from engine.errors import NotAllowed, NotFound
from engine.lifecycle.people import Actor
from engine.lifecycle.permissions import Rights
from engine.projection import DESTROYED, DocumentRow
from engine.registry.compiled import CompiledForm
from engine.trust import bundle as proof_bundle
from engine.trust import canonical, commitments, head, identifiers, snapshot
from engine.trust.chain import NO_FORM
from engine.trust.envelope import HEAD, Envelope
from engine.trust.statement import CLASSES

Wish = Callable[[str], bool]


def nothing(_path: str) -> bool:
    """Disclose no field."""
    return False


def all_fields(path: str) -> bool:
    """Disclose every field of the answers, not the keys of files nor what was said in transitions."""
    return not path.startswith(sealing.RESERVED)


def these(pointers: Iterable[str]) -> Wish:
    """Disclose the named fields and what lies below them."""
    wanted = tuple(pointers)
    return lambda path: any(path == one or path.startswith(one + "/") for one in wanted)


def receipt(desk: Desk, actor: Actor, doc: str, seq: int) -> Receipt:
    """The receipt of an event of a document, proved under the newest checkpoint."""
    row, _ = reading.readable_row(desk, actor, doc)
    step = next((one for one in row["steps"] if one["seq"] == seq), None)
    if step is None:
        raise NotFound("receipt.not_found", seq=seq)
    record = desk.journal.read(step["index"])
    return receipt_of(desk, record, step["event"], desk.journal.committed(step["index"]))


def bundle(
    desk: Desk, actor: Actor, doc: str, wish: Wish = nothing, moment: Moment | None = None
) -> bytes:
    """The proof bundle of a document for someone who may read it, as of a checkpoint (default: the newest).

    Clear fields need the clear right; `/_derived/…` (masked, derived) leaves prove what a masked paper shows,
    to whoever may read the class of the value. Keys of files and what was said in transitions need the clear
    right in every class. What leaves is written to the access log first; a bundle that discloses nothing is
    no reading. Raises NotAllowed: `disclose` (pointer), `reading.no_task`.
    """
    row, form = reading.readable_row(desk, actor, doc)
    then = as_of.row_at(desk, row, moment) if moment is not None else row
    if wish is nothing:
        return bundle_of(desk, then, wish, moment=moment)
    forms = (form, desk.registry.by_digest(then["digest"]))
    ground, rights = grounds.required(desk, actor, row, form, "bundle")
    shown: list[str] = []

    def permitted(path: str) -> bool:
        if not wish(path):
            return False
        is_permitted = all(_is_permitted(one, rights, path) for one in forms)
        if not (is_permitted and ground.covers(sealing.source_of(path))):
            raise NotAllowed("disclose", pointer=path)
        shown.append(path)
        return True

    made = bundle_of(desk, then, permitted, moment=moment)
    reading.note(desk, actor, row, tuple(shown), "bundle", ground)
    return made


def _is_permitted(form: CompiledForm, rights: Rights, path: str) -> bool:
    source = sealing.source_of(path)
    if source.startswith(sealing.RESERVED):
        return rights.clear_classes >= set(CLASSES)
    info = form.field(source)
    is_clear = path == source and info is not None and info.sensitivity == "sensitive"
    return sealing.way_of(form, source)[0] in (rights.clear_classes if is_clear else rights.classes)


@dataclass(frozen=True, slots=True)
class _Chain:
    """What a bundle proves: the events of one document in order, by log index with who signed each."""

    doc: str
    head: str
    seq: int
    state: str
    events: tuple[tuple[int, str], ...]


def bundle_of(
    desk: Desk, row: DocumentRow, wish: Wish, revision: int | None = None, moment: Moment | None = None
) -> bytes:
    """The proof bundle of a row with the fields the wish names, of one revision (default: the last), resting
    on one checkpoint (default: the newest). The row must be that of `moment`."""
    events_of = tuple((step["index"], step["person"]) for step in row["steps"])
    chain = _Chain(row["doc"], row["head"], row["seq"], row["state"], events_of)
    return _bundle(desk, chain, _disclosures(desk, row, wish, revision), moment)


def bundle_of_record(desk: Desk, index: int) -> bytes:
    """The proof bundle of a record that belongs to no form, such as what a release brought along."""
    record = desk.journal.read(index)
    said, event = record.statement(), identifiers.event_id(record.envelope.pae())
    signer = ((index, said["actor"]["person"]),)
    return _bundle(desk, _Chain(said["doc"], event, said["seq"], said["to"], signer), [])


def _bundle(
    desk: Desk, chain: _Chain, disclosures: list[proof_bundle.Disclosed], moment: Moment | None = None
) -> bytes:
    indexes = [index for index, _ in chain.events]
    moment = moment or as_of.newest(desk, indexes)
    snapshot_index, snapshot_data, entries = moment.people
    proofs = [desk.journal.inclusion(index, moment.size) for index in (snapshot_index, *indexes)]
    records = [desk.journal.read(index) for index in indexes]
    events = [
        proof_bundle.Logged(record.envelope, record.received_at, record.index, proof)
        for record, proof in zip(records, proofs[1:], strict=True)
    ]
    named = dict.fromkeys(record.statement()["form"]["sha256"] for record in records)
    # The newest snapshot alone: it holds every interval, also those that have ended.
    announced = proof_bundle.LoggedSnapshot(
        proof_bundle.Logged(
            Envelope.from_json(json.loads(snapshot_data)),
            desk.journal.read(snapshot_index).received_at,
            snapshot_index,
            proofs[0],
        ),
        tuple(snapshot.prove_people(json.loads(entries), {person for _, person in chain.events})),
    )
    stated = head.payload(
        head.Head(desk.agency.origin, chain.doc, chain.head, chain.seq, chain.state, moment.size)
    )
    platform = desk.vault.sign_platform(identifiers.pae(HEAD, stated))
    return proof_bundle.build(
        trust=moment.trust,
        note=moment.note,
        snapshots=[announced],
        forms=[_form_bytes(desk, digest) for digest in named if digest != NO_FORM],
        events=events,
        head=Envelope(HEAD, stated, (platform,)),
        disclosures=disclosures,
    )


def _form_bytes(desk: Desk, digest: str) -> bytes:
    form = desk.registry.by_digest(digest).bundle
    return canonical.encode_bundle(
        {"schema": form.schema, "states": form.states, "layout": form.layout, "locale": form.locale}
    )


def _disclosures(
    desk: Desk, row: DocumentRow, wish: Wish, revision: int | None
) -> list[proof_bundle.Disclosed]:
    if wish is nothing or DESTROYED in row["flags"]:
        return []
    wanted = revision or row["revision"]
    index = next(index for number, index in row["contents"] if number == wanted)
    record = desk.journal.read(index)
    statement = record.statement()
    event = next(one["event"] for one in row["steps"] if one["index"] == index)
    keys = sealing.document_keys(desk, row)
    found: list[proof_bundle.Disclosed] = []
    for ref, opened in sealing.open_record(desk, record, keys, statement):
        paths = [path for path, _ in opened.fields if wish(path)]
        found.extend(
            proof_bundle.Disclosed(event, ref.n, one)
            for one in commitments.disclose(opened.salt_key, opened.fields, paths)
        )
    return found


def verification_code(row: DocumentRow) -> str:
    """Sixteen base32 characters over the head event: what a person types from paper (trust.md §1.9)."""
    digest = sha256(b"fengjian/code/v1\x00" + bytes.fromhex(row["head"])).digest()
    text = b32encode(digest).decode("ascii")[:16]
    return "-".join(text[at : at + 4] for at in range(0, 16, 4))
