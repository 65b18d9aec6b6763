"""Which vault a command works with: one inside the application, or the process beside it.

Decides by how the ring is shut and by the settings: the demo keeps its keys in the application; a served
agency has a process of its own, started here or already running. Never asks for a secret.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from engine.errors import Unavailable
from storage.budgets import Budget
from storage.keyring import seal_facts
from storage.passphrases import Passphrases
from storage.unsealing import FILE
from storage.vault import ProcessVault, open_vault
from storage.vault_client import VaultClient, VaultProcess, client_of, usual_post
from storage.vault_process import Post
from web.settings import Settings

AnyVault = ProcessVault | VaultClient


def post_of(data: Path, settings: Settings) -> Post:
    """The post of a data folder's vault process."""
    budget = Budget(
        settings.vault_unwraps,
        settings.vault_signatures,
        settings.vault_unwraps_of_all,
        settings.vault_comparisons,
        settings.vault_trials,
    )
    return usual_post(data / "vault", budget=budget, module=settings.key_module)


def start_vault(data: Path, settings: Settings) -> tuple[VaultClient, Callable[[], None]]:
    """The vault process of a data folder, and what ends it: one that runs already is left running.

    Raises Unavailable (`vault.sealed` when a demo's unseal file is not on this machine).
    """
    post = post_of(data, settings)
    running = client_of(post)
    try:
        running.state()
    except Unavailable:
        started = VaultProcess(post)
        return started.client, started.close
    return running, running.close


def vault_for_command(data: Path, passphrases: Passphrases) -> AnyVault:
    """The vault for a short command: the demo's opens here, any other has to run and be open.

    Raises Unavailable("vault.sealed").
    """
    if seal_facts(data / "vault" / "ring")["mode"] == FILE:
        return open_vault(data / "vault", passphrases)
    client = client_of(usual_post(data / "vault"))
    try:
        is_open = client.state().is_open
    except Unavailable:
        is_open = False
    if not is_open:
        raise Unavailable("vault.sealed")
    return client


def key_mode(data: Path | None) -> str:
    """How the root key of a data folder is shut; a demo's way where there is no folder."""
    ring = data / "vault" / "ring" if data is not None else None
    return str(seal_facts(ring)["mode"]) if ring is not None and ring.exists() else FILE


def what_is_left(vault: object) -> tuple[str, ...] | None:
    """What a vault process could not give up (storage.hardening); None for a vault inside the application.

    Raises Unavailable("vault.away").
    """
    return vault.state().left if isinstance(vault, VaultClient) else None
