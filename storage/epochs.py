"""The epochs of compartments: beginning one, moving wraps into it, destroying those before.

Decides what happens to compartment keys in a ring, on the disk before in memory. Gives out no key: a
document key is unwrapped and wrapped again within one call. Who turns an epoch and why, the desk decides.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import sha256

from nacl import bindings

from engine.errors import Broken, NotFound
from engine.trust import canonical
from engine.trust.wrap import Wrap, rewrapped
from storage.keyring import CompartmentKey, Ring, RingFile


def new_key(ring: Ring, compartment: str, epoch: int) -> CompartmentKey:
    """A fresh key of an epoch with its escrow to the offline recovery key."""
    key = os.urandom(32)
    place = sha256(canonical.encode({"compartment": compartment, "epoch": epoch})).digest()
    return CompartmentKey(key, bindings.crypto_box_seal(key + place, ring.recovery_public))


def turn(ring: Ring, file: RingFile, compartment: str) -> int:
    """Begin the next epoch (the first one, where there is none); its number. Written before it is used."""
    held = ring.compartments.get(compartment, {})
    epoch = max(held, default=0) + 1
    _change(ring, file, compartment, {**held, epoch: new_key(ring, compartment, epoch)})
    return epoch


def retire(ring: Ring, file: RingFile, compartment: str, below: int) -> None:
    """Destroy the epochs before `below`, keys and escrows; the newest always stays. Raises NotFound."""
    held = ring.compartments.get(compartment)
    if held is None:
        raise NotFound("vault.compartment")
    kept = {epoch: key for epoch, key in held.items() if epoch >= below or epoch == max(held)}
    if kept != held:
        _change(ring, file, compartment, kept)


def _change(ring: Ring, file: RingFile, compartment: str, epochs: dict[int, CompartmentKey]) -> None:
    before = dict(ring.compartments)
    ring.compartments = {**before, compartment: epochs}
    try:
        file.write(ring)
    except BaseException:
        ring.compartments = before
        raise


def move(ring: Ring, wraps: Sequence[Wrap]) -> tuple[Wrap, ...]:
    """The same document keys under the newest epoch of each compartment; those already there stay.

    `Broken("wrap.broken")` when one does not open in its own context.
    """
    noise, moved = os.urandom(24 * len(wraps)), []
    for place, one in enumerate(wraps):
        held = ring.compartments.get(one.compartment, {})
        old, newest = held.get(one.epoch), max(held, default=0)
        if old is None:
            raise Broken("wrap.broken")
        if one.epoch != newest:
            nonce = noise[24 * place : 24 * place + 24]
            one = rewrapped(old.key, held[newest].key, nonce, one, newest)
        moved.append(one)
    return tuple(moved)
