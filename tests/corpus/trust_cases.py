"""Trust roots and snapshots: who may sign at all, thresholds, rotation, files of others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from engine.trust import canonical, checkpoint, keys, root, tlogproof
from engine.trust.envelope import EVENT, HEAD, TRUST_ROOT, TRUST_SNAPSHOT, Envelope
from tests.corpus.case import CLAIM, SHOWN, SUBMIT, Case, agency_where, changed, malformed, reviewed
from tests.engine.trust.agency import (
    DOC,
    LIN,
    LOG,
    REGISTRARS,
    ROOTS,
    TRUST,
    ZHOU,
    Agency,
    key_of,
    person_entry,
    root_envelope,
    root_value,
    signed_by,
)  # fmt: skip

NEW_ROOTS = [key_of(f"new root {number}") for number in (1, 2, 3)]
SNAPSHOT = {"identity": "identity.snapshot"}


def cases() -> Iterator[Case]:
    """Every case of this kind."""
    yield from _pinning()
    yield from _roots()
    yield from _snapshots()
    yield from _people()


def _listed(signers: Sequence[keys.SigningKey], threshold: int = 2) -> dict[str, Any]:
    return {
        "threshold": threshold,
        "keys": [{"key": one.public_key.hex(), "suite": "L1"} for one in signers],
    }


def _small(trust: bytes, **own: Any) -> bytes:
    return agency_where(SUBMIT, trust=trust, **own).bundle(DOC, SHOWN)


def _with_chain(*chain: Envelope) -> bytes:
    """A bundle that carries these roots, whatever they are worth."""
    file = {"format": root.FORMAT, "chain": [one.to_json() for one in chain]}
    return changed(lambda value: value.update(trust=file))


def _raw_root(value: Any, signers: Sequence[keys.SigningKey]) -> Envelope:
    """A signed root whose payload need not be one."""
    return signed_by(signers, TRUST_ROOT, canonical.encode(value))


def _pinning() -> Iterator[Case]:
    good = reviewed().bundle(DOC, SHOWN)
    impostors = [key_of(f"impostor {number}") for number in (1, 2)]
    theirs = root.trust_file([root_envelope(root_value(root=_listed(impostors)), impostors)])
    yield Case("no-trust-file", "A good bundle, judged by somebody who holds no trust file.", good,
               {"identity": "identity.not_known_here"}, trust=None)
    yield Case("other-root-of-the-same-name", "An agency of the same name signed with a root of its own.",
               _small(theirs), {"identity": "identity.other_root"})
    yield Case("trust-file-damaged", "The trust file given to the verifier is cut off.", good,
               {"identity": "identity.trust_file"}, 1, trust=TRUST[:-2])
    yield Case("trust-file-signed-by-one-of-two", "The trust file lacks one of two signatures.", good,
               {"identity": "identity.trust_file"}, 1,
               trust=root.trust_file([root_envelope(None, ROOTS[:1])]))
    second = root_envelope(root_value(2, root=_listed(NEW_ROOTS)), [*ROOTS[:2], *NEW_ROOTS[:2]])
    longer = root.trust_file([root_envelope(), second])
    yield Case("root-rotated", "A second root, signed by the keys of both.", _small(longer))
    yield Case("root-rotated-and-known-here", "The verifier knows a newer root than the bundle.", good,
               trust=longer)
    yield Case("root-older-than-known", "The newest root is older than one this verifier has seen.", good,
               {"freshness": "freshness.older_root"}, policy={"min_root_version": 2})
    stranger = root_envelope(root_value(2, root=_listed(NEW_ROOTS), expires="2029-01-01T00:00:00Z"),
                             [*ROOTS[:2], *NEW_ROOTS[:2]])
    yield Case("root-rotated-in-another-way", "Two second roots were signed; this is not the one known here.",
               _small(root.trust_file([root_envelope(), stranger])), {"identity": "identity.other_root"},
               trust=longer)


def _roots() -> Iterator[Case]:
    first = root_envelope()
    value = root_value(2, root=_listed(NEW_ROOTS))
    yield malformed("root-rotated-without-the-old-keys", "The second root is signed by its own keys alone.",
                    _with_chain(first, root_envelope(value, NEW_ROOTS[:2])), 1)
    yield malformed("root-rotated-without-the-new-keys", "The second root is signed by the old keys alone.",
                    _with_chain(first, root_envelope(value, ROOTS[:2])), 1)
    yield malformed("root-version-skipped", "The second root is of version 3.",
                    _with_chain(first, root_envelope(root_value(3))), 1)
    yield malformed("root-origin-changed", "The second root is for another log.",
                    _with_chain(first, _raw_root(_for_another_log(), ROOTS[:2])), 1)
    yield malformed("root-signed-by-one-of-two", "The root asks for two signatures and has one.",
                    _with_chain(root_envelope(None, ROOTS[:1])), 1)
    one = root_envelope(None, ROOTS[:1])
    twice = Envelope(one.payload_type, one.payload, one.signatures * 2)
    yield malformed("root-signed-twice-by-one", "One root key has signed twice where two are asked for.",
                    _with_chain(twice), 1)
    listed = _listed([ROOTS[0], ROOTS[0], ROOTS[1]])
    yield malformed("root-key-listed-twice", "One key is listed twice, so that it would count twice.",
                    _with_chain(_raw_root(root_value(root=listed), ROOTS[:2])), 1)
    small = {"threshold": 1, "keys": [{"key": "01" + "00" * 31, "suite": "L1"}]}
    yield malformed("root-key-of-small-order", "A registrar key is the neutral point: anybody signs for it.",
                    _with_chain(_raw_root(root_value(registrar=small), ROOTS[:2])), 1)
    yield malformed("root-threshold-of-zero", "The root asks for no signature at all.",
                    _with_chain(_raw_root(root_value(root=_listed(ROOTS, 0)), ROOTS[:2])), 1)
    yield malformed("root-with-a-suite-unknown", "The root allows a suite this version does not know.",
                    _with_chain(_raw_root(root_value(suites=["L1", "CN1"]), ROOTS[:2])), 1)
    policy = "group two 2 a b\nquorum two\n"
    yield malformed("root-with-a-policy-of-nobody", "The witness policy names witnesses it does not list.",
                    _with_chain(_raw_root(root_value(witness_policy=policy), ROOTS[:2])), 1)
    yield malformed("root-is-a-snapshot", "What stands in the place of the root is signed as something else.",
                    _with_chain(signed_by(ROOTS[:2], TRUST_SNAPSHOT, first.payload)), 1)


def _for_another_log() -> dict[str, Any]:
    name = "other.example/log"
    vkey = checkpoint.VerifierKey(name, checkpoint.TYPE_ED25519, LOG.public_key).text()
    return root_value(2, origin=name, log=[{"vkey": vkey, "from_index": 0, "to_index": None}])


def _snapshots() -> Iterator[Case]:
    two = root.trust_file([root_envelope(root_value(registrar=_listed(REGISTRARS)))])
    for name, about, signers in (
        ("snapshot-signed-by-one-of-two", "The register asks for two registrars; one has signed.",
         REGISTRARS[:1]),
        ("snapshot-signed-twice-by-one", "One registrar has signed the register twice.", REGISTRARS[:1] * 2),
        ("snapshot-signed-by-a-stranger-too", "A stranger has signed the register beside its registrars.",
         [*REGISTRARS, key_of("stranger")]),
    ):  # fmt: skip
        agency = Agency(trust=two)
        agency.publish_snapshot(signers)
        agency.act(DOC, *SUBMIT)
        yield Case(name, about, agency.bundle(DOC, SHOWN), SNAPSHOT, 3, trust=two)
    yield Case("snapshot-missing", "The bundle carries no register of signers.",
               changed(lambda value: value.update(snapshots=[])), {"identity": "identity.no_snapshot"}, 3)
    agency = Agency()
    agency.publish_snapshot(root_version=2)
    agency.act(DOC, *SUBMIT)
    yield Case("snapshot-of-a-later-root", "The register names a root that is not known.",
               agency.bundle(DOC, SHOWN), SNAPSHOT, 3)
    agency = Agency()
    agency.publish_snapshot(origin="other.example/log")
    agency.act(DOC, *SUBMIT)
    yield Case("snapshot-of-another-log", "The register belongs to another log.",
               agency.bundle(DOC, SHOWN), SNAPSHOT, 3)
    agency = Agency()
    agency.publish_snapshot()
    agency.publish_snapshot()
    agency.act(DOC, *SUBMIT)
    yield Case("snapshots-two", "The bundle carries two registers, oldest first.", _all_snapshots(agency))
    yield Case("snapshots-in-the-wrong-order", "The older register stands last, as if it decided.",
               _all_snapshots(agency, backwards=True), {"order": "order.snapshots"}, 3)
    good = reviewed().bundle(DOC, SHOWN)
    yield Case("snapshot-older-than-known", "The register is older than one this verifier has seen.", good,
               {"freshness": "freshness.older_snapshot"}, policy={"min_snapshot_version": 2})
    yield Case("checkpoint-older-than-known", "The log has rolled back behind what this verifier has seen.",
               good, {"freshness": "freshness.older_checkpoint"}, policy={"min_checkpoint_size": 4})
    yield Case("snapshot-expired", "The register's time is over: what is said holds as of then.", good,
               {"freshness": "freshness.snapshot_expired"}, now="2027-06-01T00:00:00Z")
    yield Case("root-expired", "The root's time is over, and the register's with it.",
               _small(_short_lived()), {"freshness": "freshness.root_expired"}, trust=_short_lived(),
               now="2027-01-01T00:00:00Z")
    yield Case("clock-before-issue", "The verifier's clock is before the register was issued.", good,
               {"freshness": "freshness.clock"}, now="2026-11-01T00:00:00Z")
    yield Case("no-clock", "The verifier was told no time.", good,
               {"freshness": "freshness.no_clock"}, now=None)
    narrow = root.trust_file([root_envelope(root_value(payload_types=[EVENT, HEAD]))])
    yield Case("payload-type-not-allowed", "The root does not list registers among what may be signed.",
               _small(narrow), {"integrity": "integrity.payload_type"}, 3, trust=narrow)


def _short_lived() -> bytes:
    return root.trust_file([root_envelope(root_value(expires="2026-12-31T00:00:00Z"))])


def _all_snapshots(agency: Agency, backwards: bool = False) -> bytes:
    def change(value: dict[str, Any]) -> None:
        newest = value["snapshots"][0]
        first = agency.logged(agency.records[0])
        note = agency.note()
        older = {
            "envelope": first.envelope.to_json(), "received_at": first.received_at,
            "proof": tlogproof.encode(first.index, first.proof, note), "people": newest["people"],
        }  # fmt: skip
        value["snapshots"] = [newest, older] if backwards else [older, newest]

    return changed(change, agency)


def _people() -> Iterator[Case]:
    def without(value: dict[str, Any]) -> None:
        value["snapshots"][0]["people"] = value["snapshots"][0]["people"][1:]

    yield Case("person-left-out", "The entry of a signer is not in the bundle.", changed(without),
               {"identity": "identity.person", "authority": "authority.person_missing"})

    def key(value: dict[str, Any]) -> None:
        value["snapshots"][0]["people"][0]["entry"]["keys"][0]["key"] = key_of("stranger").public_key.hex()

    yield malformed("person-with-another-key", "A signer's entry was given a stranger's key.",
                    changed(key), 3)

    def role(value: dict[str, Any]) -> None:
        value["snapshots"][0]["people"][0]["entry"]["grants"][0]["role"] = "auditor"

    yield malformed("person-with-another-role", "A signer's entry was given another role.", changed(role), 3)

    def place(value: dict[str, Any]) -> None:
        value["snapshots"][0]["people"][0]["index"] = 1

    yield malformed("person-at-another-place", "A signer's entry claims another place in the register.",
                    changed(place), 3)
    for name, about, changes, codes in (
        ("key-revoked-before", "The signer's key had ended before the event.",
         {"key_valid_to_index": 2}, {"authority": "authority.key"}),
        ("key-not-yet-valid", "The signer's key began after the event.",
         {"key_valid_from_index": 3}, {"authority": "authority.key"}),
        ("key-suspect", "The key may have been in other hands when the event was signed.",
         {"key_suspect_since_index": 2}, {"authority": "authority.suspect"}),
        ("key-suspect-later", "The key was compromised after the event.", {"key_suspect_since_index": 3}, {}),
        ("key-expired-after-signing", "The signer has left since: what was signed before stays valid.",
         {"key_valid_to_index": 3, "grant_valid_to_index": 3, "key_reason": "left"}, {}),
        ("grant-ended-before", "The grant was revoked between the check and the event.",
         {"grant_valid_to_index": 2}, {"authority": "authority.grant"}),
        ("grant-of-another-role", "The grant named is for another role.",
         {"grant_role": "department_head"}, {"authority": "authority.grant"}),
        ("grant-of-another-department", "The grant named is for another department.",
         {"grant_unit": "claims"}, {"authority": "authority.grant"}),
        ("grant-of-another-id", "There is no grant of the id that the event names.",
         {"grant_id": "g_other"}, {"authority": "authority.grant"}),
    ):  # fmt: skip
        people = [person_entry(LIN), person_entry(ZHOU, **changes)]
        yield Case(name, about, agency_where(SUBMIT, CLAIM, people=people).bundle(DOC, SHOWN), codes)
