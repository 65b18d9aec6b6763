"""Naming witnesses in the trust root, so that verifiers count their cosignatures.

Decides what the next root says: the same as the one before, with another witness policy. Both thresholds sign
it (engine.trust.root). Whether an agency may trust a witness is its own decision; nothing here judges that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from engine.desk.desk import Desk
from engine.desk.people import ROOT_LASTS, WAIT, log_envelope
from engine.errors import Conflict, Invalid
from engine.identity import utc_text
from engine.trust import canonical, identifiers, policy, root
from engine.trust.checkpoint import VerifierKey
from engine.trust.envelope import TRUST_ROOT, Envelope, Signature

GROUP = "chosen"


Sign = Callable[[bytes], tuple[Signature, ...]]


def name_witnesses(
    desk: Desk, witnesses: Sequence[VerifierKey], quorum: str, sign: Sign | None = None
) -> root.TrustRoot:
    """Issue the next root with these witnesses; `quorum` is `none`, `any`, `all` or how many must sign.

    `sign` signs with the keepers' root keys; without it those in the vault do (demo), or `Unavailable`
    (`root.offline`) says that there are none.

    Every checkpoint a bundle stands on is judged by the newest root: after a quorum was set, a bundle holds
    only where that many have cosigned. `Invalid` (`policy.line`) for a quorum the witnesses cannot make,
    `Invalid` (`root.keys`, with `needed` and `given`) for too few root keys of this agency or one that is
    not; `Conflict("witness.named")` when the root says so already. Nothing is logged unless all holds.
    """
    chain = root.read_trust_file(desk.trust.root_chain())
    value: dict[str, Any] = canonical.parse(chain[-1].payload)
    text = policy_text([one["vkey"] for one in value["log"]], witnesses, quorum)
    if text == value["witness_policy"]:
        raise Conflict("witness.named")
    now = desk.clock.now()
    value |= {
        "version": value["version"] + 1,
        "issued_at": utc_text(now),
        "expires": utc_text(now + ROOT_LASTS),
        "witness_policy": text,
    }
    payload = root.payload(value)
    made = (sign or desk.vault.sign_root)(identifiers.pae(TRUST_ROOT, payload))
    keepers = root.walk(chain)[-1].root
    known = {one.public_key for one in made} & set(keepers.keys)
    if len(known) < keepers.threshold or len(known) < len({one.public_key for one in made}):
        raise Invalid("root.keys", needed=keepers.threshold, given=len(known))
    envelope = Envelope(TRUST_ROOT, payload, made)
    chain = (*chain, envelope)
    newest = root.walk(chain)[-1]
    with desk.journal.sequencing():
        logged = log_envelope(desk, envelope, desk.journal.next_index)
    logged.result(WAIT)
    desk.trust.save_root_chain(root.trust_file(chain))
    return newest


def policy_text(logs: Sequence[str], witnesses: Sequence[VerifierKey], quorum: str) -> str:
    """A C2SP tlog-policy: log keys, witnesses under their own names, one group of all, the quorum."""
    lines = [f"log {one}" for one in logs]
    lines += [f"witness {one.name} {one.text()}" for one in witnesses]
    if quorum != "none":
        if not witnesses:
            raise Invalid("witness.none")
        lines.append(f"group {GROUP} {quorum} {' '.join(one.name for one in witnesses)}")
    lines.append(f"quorum {'none' if quorum == 'none' else GROUP}")
    text = "\n".join(lines) + "\n"
    policy.parse(text)
    return text
