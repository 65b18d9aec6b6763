"""A ring opened with the offline recovery key alone, and given a new lock, on whatever machine.

Decides what is checked before a recovered ring is believed, and in which order the new one is written. Never
reads a share: the recovery key is handed in whole, and the new one handed out once.

 1 the escrowed root key opens the ring
 2 the escrow of every epoch opens, and holds the very key the ring holds
 3 a new recovery key: every epoch is escrowed to it anew
 4 a new root key under a new lock; the ring is written last
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import orjson
from nacl import bindings

from engine.errors import Broken, Unavailable
from engine.ports import KeyModule
from engine.trust import canonical
from storage.disk import Disk
from storage.keyring import CompartmentKey, Ring, RingFile, write_unseal_file
from storage.unsealing import FILE, Lock


@dataclass(frozen=True, slots=True)
class Rekeyed:
    """What a new lock made: the secret half of the new recovery key, and how many epochs were opened."""

    recovery_secret: bytes
    epochs: int


def open_by_recovery(path: Path, recovery_secret: bytes) -> Ring:
    """The ring of a backup. Raises Invalid (`shares.other`), Unavailable (`recover.no_escrow`), Broken."""
    # 1
    if "escrow" not in orjson.loads(path.read_bytes()):
        raise Unavailable("recover.no_escrow")
    _, ring = RingFile.recover(path, Disk(), recovery_secret)
    # 2
    for compartment, epochs in ring.compartments.items():
        for epoch, held in epochs.items():
            plain = _opened(held.escrow, ring.recovery_public, recovery_secret)
            if plain != held.key + _place(compartment, epoch):
                raise Broken("recover.escrow", compartment=compartment, epoch=epoch)
    return ring


def rekey(
    path: Path, ring: Ring, lock: Lock | None, module: KeyModule | None, unseal_folder: Path
) -> Rekeyed:
    """Write the ring anew under a lock, or an opened module; the old unseal method opens it no more."""
    # 3
    public, secret = bindings.crypto_box_keypair()
    compartments = {
        name: {
            epoch: CompartmentKey(held.key, bindings.crypto_box_seal(held.key + _place(name, epoch), public))
            for epoch, held in epochs.items()
        }
        for name, epochs in ring.compartments.items()
    }
    ring = replace(ring, recovery_public=public, compartments=compartments)
    # 4
    disk = Disk()
    if module is not None:
        RingFile.create_in_module(path, disk, ring, module)
    elif lock is not None:
        if lock.facts["mode"] == FILE:
            write_unseal_file(unseal_folder, disk, lock.key)
        RingFile.create(path, disk, ring, lock)
    return Rekeyed(secret, sum(len(epochs) for epochs in compartments.values()))


def _opened(escrow: bytes, public: bytes, secret: bytes) -> bytes:
    try:
        opened: bytes = bindings.crypto_box_seal_open(escrow, public, secret)
    except Exception:
        return b""
    return opened


def _place(compartment: str, epoch: int) -> bytes:
    return sha256(canonical.encode({"compartment": compartment, "epoch": epoch})).digest()
