"""What every vault promises of trial runs: contents of many documents, opened within a permit, keys kept."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.desk import opening_many
from engine.errors import Broken, NeedsUnlock, NotAllowed, Refused
from engine.ports import SealedContent, SealedPiece, Vault
from engine.trust import seal
from engine.trust.seal import PartPlace
from tests.contracts.test_vault_contract import vault

__all__ = ["vault"]

AGENCY, DIGEST = "310199", "f" * 64
SCOPE = f"{AGENCY}.info_entry"
KLASSES = ("identity", "other")


def sealed(vault: Vault, doc: str, form: str = "info_entry") -> SealedContent:
    """A document with 王秀英's name in one class and a road in another."""
    place = PartPlace("L1", "log.example", AGENCY, doc, 1, DIGEST)
    pieces = []
    for n, klass in enumerate(KLASSES):
        dk = bytes([n + 1]) * 32
        fields = [("/insured/full_name", "王秀英")] if n == 0 else [("/insured/road", doc)]
        part = seal.seal_part(dk, b"s" * 32, doc[:24].encode(), place, n, klass, fields)
        ref = part.ref
        header = seal.part_header(place, n, klass, ref.root, ref.leaves)
        wrap = vault.wrap(doc, klass, f"{AGENCY}.{form}.{klass}", dk)
        pieces.append(SealedPiece(wrap, header, bytes.fromhex(ref.kc), part.nonce, part.ct))
    return SealedContent(doc, tuple(pieces))


def permit(vault: Vault, documents: int = 10, person: str = "p_zhulin") -> tuple[str, str]:
    """(permit, session) of 朱琳, who unlocked her key."""
    vault.enrol(person, "a kettle on the hob")
    session = f"session of {person}"
    token = vault.unlock(person, "a kettle on the hob", session)
    return vault.allow_trial(token, person, SCOPE, documents), session


def test_contents_of_many_documents_open_in_one_question(vault: Vault) -> None:
    docs = [f"{number:026d}" for number in range(3)]
    allowed, _ = permit(vault)
    opened = vault.open_contents(allowed, [sealed(vault, doc) for doc in docs])
    assert [opening_many.answers_in(one) for one in opened] == [
        {"insured": {"full_name": "王秀英", "road": doc}} for doc in docs
    ]


def test_a_document_without_parts_opens_to_nothing(vault: Vault) -> None:
    allowed, _ = permit(vault)
    assert vault.open_contents(allowed, [SealedContent("7" * 26, ())]) == ((),)
    assert vault.open_contents(allowed, []) == ()


def test_a_permit_needs_an_unlocked_key_and_ends_with_it(vault: Vault) -> None:
    for token in (None, "made up"):
        with pytest.raises(NeedsUnlock):
            vault.allow_trial(token, "p_zhulin", SCOPE, 5)
    allowed, session = permit(vault)
    vault.lock_session(session)
    with pytest.raises(NeedsUnlock):
        vault.open_contents(allowed, [sealed(vault, "a" * 26)])


def test_a_permit_opens_its_number_of_its_forms_documents(vault: Vault) -> None:
    allowed, _ = permit(vault, 2)
    mine, other = sealed(vault, "a" * 26), sealed(vault, "b" * 26, "info_entry2")
    for wrong, contents in ((allowed, [other]), ("made up", [mine])):
        with pytest.raises(NotAllowed) as refused:
            vault.open_contents(wrong, contents)
        assert refused.value.code == "vault.permit"
    assert len(vault.open_contents(allowed, [mine, sealed(vault, "c" * 26)])) == 2
    with pytest.raises(NotAllowed):
        vault.open_contents(allowed, [mine])


def test_one_document_is_not_asked_for_twice_nor_under_anothers_name(vault: Vault) -> None:
    allowed, _ = permit(vault)
    mine, other = sealed(vault, "a" * 26), sealed(vault, "b" * 26)
    for contents in ([mine, mine], [replace(mine, pieces=other.pieces)]):
        with pytest.raises(Refused) as refused:
            vault.open_contents(allowed, contents)
        assert refused.value.code == "vault.question"


@pytest.mark.parametrize("part", ["header", "kc", "nonce", "ct"])
def test_a_piece_that_was_changed_does_not_open(vault: Vault, part: str) -> None:
    allowed, _ = permit(vault)
    mine = sealed(vault, "a" * 26)
    kept = getattr(mine.pieces[0], part)
    changed = replace(mine.pieces[0], **{part: bytes([kept[0] ^ 1]) + kept[1:]})
    with pytest.raises(Broken) as broken:
        vault.open_contents(allowed, [replace(mine, pieces=(changed, mine.pieces[1]))])
    assert broken.value.code == "seal.broken"
