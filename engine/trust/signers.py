"""Whose signatures an event carries: the actor's by the people of the snapshot, the platform's by the root.

Decides integrity and identity of one envelope at one log index. Keys are looked up by person, never taken
from the envelope; what the envelope says of a key must agree with what is looked up. Never decides whether
that person was allowed to (`engine.trust.chain`).
"""

from __future__ import annotations

from engine.trust import keys
from engine.trust.envelope import Envelope, Signature
from engine.trust.identifiers import kid
from engine.trust.root import TrustRoot
from engine.trust.snapshot import Person
from engine.trust.statement import SYSTEM_ROLE, Statement
from engine.trust.verdicts import Finding, bad


def judge_signatures(
    envelope: Envelope, one: Statement, index: int, person: Person | None, root: TrustRoot
) -> list[Finding]:
    """Every finding about the signatures of an event.

    1. every signature is of an allowed suite and holds over the PAE
    2. exactly one is the actor's: a key the snapshot gives this person (or, for the system, the platform's)
    3. every other one is a platform key's, valid at this index, and there is at least one
    """
    place = {"seq": one.seq, "index": index}
    message = envelope.pae()
    # 1
    for signature in envelope.signatures:
        if signature.suite not in root.suites or signature.suite != one.suite:
            return [bad("integrity", "integrity.suite", **place)]
        if not keys.is_valid(signature.public_key, message, signature.signature):
            return [bad("integrity", "integrity.signature", **place)]
    raw = [signature.public_key for signature in envelope.signatures]
    if len(set(raw)) != len(raw):
        return [bad("integrity", "integrity.repeated_signature", **place)]
    # 2
    platform = [
        signature for signature in envelope.signatures if root.platform_key(signature.public_key, index)
    ]
    if one.actor.role == SYSTEM_ROLE:
        if not platform or platform[0] is not envelope.signatures[0] or not _is_named(platform[0], one):
            return [bad("identity", "identity.platform", **place)]
        others = envelope.signatures[1:]
    else:
        if person is None or person.person != one.actor.person:
            return [bad("identity", "identity.person", person=one.actor.person, **place)]
        own = {(key.key, key.suite) for key in person.keys}
        mine = [
            each
            for each in envelope.signatures
            if (each.public_key, each.suite) in own and _is_named(each, one)
        ]
        if len(mine) != 1:
            return [bad("identity", "identity.key", person=one.actor.person, **place)]
        others = tuple(each for each in envelope.signatures if each is not mine[0])
        if not others:
            return [bad("identity", "identity.platform", **place)]
    # 3
    if any(each not in platform for each in others):
        return [bad("identity", "identity.platform", **place)]
    return []


def _is_named(signature: Signature, one: Statement) -> bool:
    return kid(signature.public_key, signature.suite) == one.actor.key
