"""What an installation decides about its web side: hosts, limits, the badge on every page.

Read once at start from the environment (`FENGJIAN_…`) and the command line; never read again later,
never a place for keys or passwords.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1024 * 1024


class Settings(BaseSettings):
    """Settings of one process. Times in minutes or hours as named, sizes in bytes.

    The vault's limits are per hour: documents opened for a person, signatures of a person, documents opened
    for all. `key_module` is the folder of a software key module. `seal_pkcs12` is the file of the key and
    certificate that seal every printed file as a whole (`seal_passphrase`: the file whose first line opens
    it); without it prints carry no such seal. `archive` is the folder inside the archive boundary that opened
    archive packages are written to; without it no page makes any. `smtp_host` is the server that notices are
    mailed through ("" for none), `smtp_from` the sender, `smtp_password` the file whose first line is the
    password of `smtp_user`, `smtp_ca` a file of certificates to trust; `address` how people reach this
    installation, for links.
    """

    model_config = SettingsConfigDict(env_prefix="FENGJIAN_", frozen=True)

    mode: Literal["demo", "training", "serve"] = "serve"
    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "[::1]")
    https: bool = False
    idle_minutes: int = 20
    absolute_hours: int = 12
    warn_minutes: int = 2
    attachment_bytes: int = 20 * MIB
    attachment_pixels: int = 60_000_000
    request_bytes: int = 24 * MIB
    inbox_rows: int = 20
    witness_seconds: float = 10.0
    vault_unwraps: int = 3_000
    vault_signatures: int = 1_200
    vault_unwraps_of_all: int = 60_000
    vault_comparisons: int = 600_000
    vault_trials: int = 1_000_000
    key_module: Path | None = None
    seal_pkcs12: Path | None = None
    seal_passphrase: Path | None = None
    archive: Path | None = None
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: Path | None = None
    smtp_from: str = ""
    smtp_ca: Path | None = None
    address: str = "https://localhost"
