"""`fengjian witness`: a small server for somebody else's log. `fengjian witnesses`: naming ours in the root.

Decides where log keys come from and what is said at a start. The witness's work is in web.witness.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path

import uvicorn

from engine.errors import Invalid
from engine.trust import root
from engine.trust.checkpoint import VerifierKey, parse_vkey
from web.cli.running import Announcing
from web.cli.speaking import refusals, say, stop

_GRACE_SECONDS = 10


def run_witness(
    data: Path, host: str, port: int, logs: Iterable[str], trust: Iterable[Path], name: str
) -> None:
    """Cosign checkpoints of the logs whose keys are given, until stopped."""
    from storage.clock import SystemClock
    from storage.witness_memory import WitnessMemory
    from web.logs import configure
    from web.witness.server import Desk, by_origin, create_witness

    configure()
    with refusals():
        known = by_origin([*(parse_vkey(one) for one in logs), *_keys_in(trust)])
        if not known:
            stop(say("cli.witness.no_log"))
        memory = WitnessMemory(data, name)
    try:
        print(say("cli.witness.vkey", vkey=memory.identity.vkey.text()))
        for origin in known:
            print(say("cli.witness.log", origin=origin, size=memory.remembered(origin).size), flush=True)
        config = uvicorn.Config(
            create_witness(Desk(memory, known, SystemClock())), host=host, port=port, log_level="warning",
            access_log=False, server_header=False, timeout_graceful_shutdown=_GRACE_SECONDS,
            proxy_headers=False,
        )  # fmt: skip
        Announcing(config).run()
    finally:
        memory.close()
    sys.stdout.flush()


def _keys_in(files: Iterable[Path]) -> list[VerifierKey]:
    """The log keys that trust files name."""
    found = []
    for file in files:
        try:
            newest = root.walk(root.read_trust_file(file.read_bytes()))[-1]
        except OSError:
            stop(say("cli.file", path=file))
        except Invalid:
            stop(say("cli.witness.no_trust", path=file))
        found += [one.vkey for one in newest.log]
    return found


def run_witnesses(data: Path, quorum: str, root_keys: Iterable[Path]) -> None:
    """Issue the next trust root with the witnesses of agency.json, signed with the keepers' key files."""
    from engine.desk.witnesses import name_witnesses
    from storage.root_keys import read_root_key, sign_with
    from web.assemble import open_desk, read_agency, read_witnesses

    with refusals():
        read_agency(data)
        # One file named twice, or two copies of one key, is one key.
        held = tuple({one.seed: one for one in map(read_root_key, root_keys)}.values())
        peers = read_witnesses(data)
        opened = open_desk(data)
        try:
            sign = partial(sign_with, held) if held else None
            newest = name_witnesses(opened.desk, [peer.vkey for peer in peers], quorum, sign)
        finally:
            opened.close()
    print(say("cli.witnesses.named", version=newest.version, count=len(peers), quorum=quorum))
