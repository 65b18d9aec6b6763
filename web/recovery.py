"""Recovery on a machine that has only the backup and the custodians' shares.

Decides the order, and refuses where recovering would hide a loss:
 1 shares → recovery key → ring of the backup; every epoch's escrow is opened and compared
 2 this machine must not remember a longer log than the backup has
 3 the backup is copied into the new, empty folder; the backup itself is never written to
 4 the journal of the copy has to be whole, and its last checkpoint signed by the log key of the ring
 5 the ring gets a new root key, a new lock and a new recovery key
 6 the log signer remembers the backup's last tree head from here on
What was acknowledged after the backup is lost here: witnesses and receipts know of it, this machine cannot.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from engine.errors import Conflict, Invalid, NotFound, Problem, Unavailable
from engine.trust import keys
from storage import recovery
from storage.keyring import configuration_folder
from storage.last_signed import EMPTY, LastSigned, Signed
from storage.log_signer import LogSigner
from storage.passphrases import Passphrases
from storage.ring_recovery import open_by_recovery, rekey
from storage.software_module import SoftwareModule
from storage.unsealing import MODULE, combine, split
from web.assemble import is_agency, read_agency
from web.ceremony import Sealing, judge_sealing, lock_of


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """What custodians bring and what is to be afterwards."""

    shares: tuple[str, ...]
    sealing: Sealing
    recovery_threshold: int = 2
    recovery_shares: int = 3


@dataclass(frozen=True, slots=True)
class Recovered:
    """What is shown once, and what was found: log size, key epochs opened."""

    size: int
    epochs: int
    recovery_shares: tuple[str, ...]
    seal_shares: tuple[str, ...]


def recover_agency(backup: Path, data: Path, plan: RecoveryPlan) -> Recovered:
    """Recover a backup into a new folder.

    Raises NotFound (`recover.no_backup`), Conflict (`data.not_empty`, `recover.machine_knows_more`), Invalid
    (`shares`), Unavailable (`recover.no_escrow`, `recover.needs_module`, `recover.damaged`), Broken.
    """
    if not is_agency(backup):
        raise NotFound("recover.no_backup")
    if data.exists() and any(data.iterdir()):
        raise Conflict("data.not_empty")
    wrong = judge_sealing(plan.sealing)
    if wrong:
        raise Invalid("init", problems=[Problem(f"/seal/{name}", "init") for name in wrong])
    # 1
    try:
        ring = open_by_recovery(backup / "vault" / "ring", combine(plan.shares))
    except Invalid as refused:
        raise Invalid("shares", problems=refused.problems) from None
    passphrases = Passphrases()
    module = None
    if plan.sealing.mode == MODULE and plan.sealing.module is not None:
        module = SoftwareModule(plan.sealing.module, passphrases)
        module.open(plan.sealing.pin)
    elif not ring.platform:
        raise Unavailable("recover.needs_module")
    signer = LogSigner(read_agency(backup).origin, keys.signing_key(ring.log).public_key, _signs_nothing)
    # 2
    memory = LastSigned(configuration_folder(ring.id) / "last-signed")
    head = _head_of(backup / "journal", signer)
    known = memory.read()
    if known is not None and known.size > head.size:
        raise Conflict("recover.machine_knows_more")
    # 3
    shutil.copytree(backup, data, dirs_exist_ok=True, ignore=shutil.ignore_patterns("*.tmp", "*.sock*"))
    # 4
    if _head_of(data / "journal", signer) != head:
        raise Unavailable("recover.damaged", fault="copy")
    # 5
    lock = lock_of(plan.sealing, passphrases)
    rekeyed = rekey(data / "vault" / "ring", ring, lock, module, configuration_folder(ring.id))
    # 6
    memory.create()
    memory.remember(head)
    return Recovered(
        head.size,
        rekeyed.epochs,
        split(rekeyed.recovery_secret, plan.recovery_threshold, plan.recovery_shares),
        lock.shares if lock is not None else (),
    )


def _head_of(journal: Path, signer: LogSigner) -> Signed:
    """The tree head of a journal's last checkpoint. Raises Unavailable (`recover.damaged`)."""
    found = recovery.recover(journal, signer, None)
    if found.fault is not None:
        raise Unavailable("recover.damaged", fault=found.fault)
    size = len(found.leaves)
    return Signed(size, found.root) if size else EMPTY


def _signs_nothing(message: bytes) -> bytes:
    raise Unavailable("vault.sealed")


def shares_in(texts: Iterable[str]) -> tuple[str, ...]:
    """Shares without empty lines."""
    return tuple(one.strip() for one in texts if one.strip())
