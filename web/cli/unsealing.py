"""`fengjian unseal` and `fengjian vault`: opening the keys, and the vault process by itself.

Decides how a secret is asked for: hidden on a terminal, one line each on standard input otherwise. Keeps
none and prints none.
"""

from __future__ import annotations

import sys
from getpass import getpass
from pathlib import Path

from engine.errors import Invalid, NotAllowed, TooMany
from storage.unsealing import SHARES
from storage.vault_client import VaultClient, client_of
from storage.vault_house import State
from storage.vault_process import run
from web.cli.speaking import refusals, say, stop
from web.sealed.vaults import post_of
from web.settings import Settings


def run_unseal(data: Path) -> None:
    """Open the vault process that serves a data folder."""
    with refusals():
        vault = client_of(post_of(data, Settings()))
        state = vault.state()
        if state.is_open:
            print(say("cli.unseal.was_open"))
            return
        while not _offer(vault, state).is_open:
            state = vault.state()
        print(say("cli.unseal.open"))


def _offer(vault: VaultClient, state: State) -> State:
    """Ask for one secret more and hand it on; ends the command where nobody can try again."""
    try:
        if state.mode == SHARES:
            return vault.offer_share(
                ask_secret(say("cli.unseal.share", number=state.have + 1, need=state.need))
            )
        return vault.unseal(ask_secret(say(f"cli.unseal.{state.mode}")))
    except (Invalid, NotAllowed):
        if not sys.stdin.isatty():
            stop(say("cli.refused.unseal.wrong"))
        print(say("cli.unseal.wrong"), file=sys.stderr)
        return state
    except TooMany:
        stop(say("cli.refused.unseal.misses"))


def ask_secret(prompt: str) -> str:
    """One secret: hidden on a terminal, the next line of standard input otherwise."""
    if sys.stdin.isatty():
        return getpass(f"{prompt}: ").strip()
    line = sys.stdin.readline()
    if not line:
        stop(say("cli.refused.unseal.wrong"))
    return line.strip()


def run_vault(data: Path) -> None:
    """The vault process in the foreground, for a service manager: it outlives the application."""
    with refusals():
        server = run(post_of(data, Settings()))
    print(say("cli.vault.listening"), flush=True)
    try:
        server.serve()
    except KeyboardInterrupt:
        server.close()
