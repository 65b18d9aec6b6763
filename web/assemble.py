"""Putting the parts together: data folder → storage → desk → services. The only place that knows all of them.

Decides where things lie in a data folder and in which order they are opened and closed. Never decides
anything about a document.

    agency.json   who runs this folder, and the log's name
    vault/        sealed key ring, people's sealed signing keys
    trust/        trust.json and snapshots (public)
    journal/      the truth
    forms/        every form version its documents were signed with, or that was proposed or published here
    witness.json  what witnesses outside have cosigned; witnessed/ what of it proofs were given out on
    wraps/        what can be destroyed of each record: key wraps, index bits, list summaries
    projection.json, drafts/, version_drafts/, version_trials/, blobs/, access/, people/
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import date
from functools import partial
from importlib import metadata
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import schemas
from engine.desk import ending, revisions, shipping
from engine.desk.desk import Agency, Desk, Workshop
from engine.desk.ruling import Rulebook
from engine.errors import Conflict, Invalid, NotFound
from engine.lifecycle.measures import Measures, parse_measures
from engine.lifecycle.people import ROLES
from engine.lifecycle.settings import Setting, parse_settings
from engine.ports import Clock, KeyModule
from engine.registry.bundle import BUNDLE_FILES, FormBundle, parse_bundle
from engine.registry.compiled import compile_bundle
from engine.registry.registry import Registry, build_registry
from engine.trust import canonical, policy, root
from engine.trust.checkpoint import TYPE_ED25519, VerifierKey
from storage.access import FileAccessLog
from storage.blobs import FileBlobs
from storage.calendar import StateCouncilCalendar
from storage.chores import FileChores
from storage.clock import SystemClock
from storage.cosigned import CosignedFile
from storage.disk import Disk
from storage.drafts import FileDrafts
from storage.journal import FileJournal
from storage.kept_forms import KeptForms
from storage.log_signer import LogSigner
from storage.notices import FileNotices
from storage.passphrases import Passphrases
from storage.people import FileDirectory
from storage.projection import TinyStore
from storage.randomness import SystemRandomness
from storage.trust_files import TrustFiles
from storage.unsealing import Lock
from storage.vault import NewVault, create_vault, is_vault
from storage.version_drafts import FileVersionDrafts
from storage.wraps import FileWraps
from web.sealed.vaults import AnyVault, vault_for_command
from web.witness.peers import Peer, read_peers

if TYPE_CHECKING:
    from web.services import Services
    from web.settings import Settings
    from web.witness.courier import Courier

# A version without a day of its own has been in force since before the first document.
_SINCE_EVER = date(2020, 1, 1)


@dataclass(frozen=True, slots=True)
class OpenDesk:
    """A desk over an opened data folder. `close` flushes and lets the folder go."""

    desk: Desk
    parts: ExitStack
    cosigned: CosignedFile

    def close(self) -> None:
        """Write what is waiting, store the projection, release the lock. May be called twice."""
        self.parts.close()


def is_agency(data: Path) -> bool:
    """Whether a data folder has been set up."""
    return (data / "agency.json").is_file() and is_vault(data / "vault")


def create_agency(
    data: Path,
    agency: Agency,
    *,
    lock: Lock | None = None,
    module: KeyModule | None = None,
    root_keys: int = 3,
) -> NewVault:
    """Set up an empty data folder: who runs it, and a new vault, which is handed back opened.

    The demo's vault opens by itself on this machine and holds all root keys; a real agency names a `lock` or
    an opened `module` and no root keys. Raises Conflict when the folder has been set up already.
    """
    if is_agency(data):
        raise Conflict("data.exists")
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    made = create_vault(
        data / "vault", Passphrases(), lock=lock, module=module, root_keys=root_keys,
        registrar_keys=2 if root_keys else 1,
    )  # fmt: skip
    Disk().replace_file(data / "agency.json", json.dumps(asdict(agency), ensure_ascii=False).encode())
    return made


def read_agency(data: Path) -> Agency:
    """Who runs a data folder. Raises NotFound for a folder that is none, Invalid (`agency.roles`) where it
    names approving roles that do not exist."""
    try:
        value = json.loads((data / "agency.json").read_bytes())
    except FileNotFoundError:
        raise NotFound("data.not_set_up") from None
    own = {name: said for name, said in value.items() if name not in ("witnesses", "shred_roles")}
    roles = value.get("shred_roles")
    if roles is None:
        return Agency(**own)
    if not isinstance(roles, list) or not roles or not set(map(str, roles)) <= set(ROLES):
        raise Invalid("agency.roles")
    return Agency(**own, shred_roles=tuple(roles))


def read_witnesses(data: Path) -> tuple[Peer, ...]:
    """The witnesses named in agency.json. Raises Invalid for an address or a key that cannot be."""
    return read_peers(json.loads((data / "agency.json").read_bytes()).get("witnesses", []))


def open_desk(
    data: Path,
    *,
    clock: Clock | None = None,
    registry: Registry | None = None,
    vault: AnyVault | None = None,
) -> OpenDesk:
    """Open a data folder. Raises NotFound when it is none, Unavailable when another process has it or its
    vault is not open."""
    agency = read_agency(data)
    passphrases = Passphrases()
    with ExitStack() as parts:
        vault = vault or vault_for_command(data, passphrases)
        signer = LogSigner(agency.origin, vault.public_keys()["log"], vault.sign_log)
        erasable = FileWraps(data / "wraps")
        parts.callback(erasable.close)
        journal = FileJournal(data / "journal", signer, vault.last_signed)
        parts.callback(journal.close)
        journal.before_batch = erasable.flush
        store = TinyStore(data / "projection.json", journal, erasable=erasable)
        parts.callback(store.close)
        journal.on_stop = store.forget_undurable  # nobody may see an event the disk refused
        journal.check_in_background()
        access = FileAccessLog(data / "access" / "log", vault)
        parts.callback(access.close)
        notices = FileNotices(data / "notices" / "notices.jsonl")
        parts.callback(notices.close)
        cosigned = CosignedFile(data / "witness.json")
        archive = kept_forms(data)
        desk = Desk(
            agency=agency,
            registry=registry or registry_of(archive, lambda: {row["digest"] for row in store.rows()}),
            vault=vault,
            journal=journal,
            store=store,
            drafts=FileDrafts(data / "drafts", vault),
            blobs=FileBlobs(data / "blobs", vault),
            access=access,
            directory=FileDirectory(data / "people", vault, passphrases),
            trust=TrustFiles(data / "trust"),
            erasable=erasable,
            clock=clock or SystemClock(),
            randomness=SystemRandomness(),
            calendar=StateCouncilCalendar(),
            workshop=workshop_of(data, archive),
            settings=Rulebook(load_settings(), journal, store),
            notices=notices,
            chores=FileChores(data / "chores"),
            witnessed=cosigned,
            measures=load_measures(),
        )
        shipping.load(desk)
        revisions.load(desk)
        return OpenDesk(desk, parts.pop_all(), cosigned)


def load_registry() -> Registry:
    """Every published form version in schemas/, compiled."""
    tables = load_tables()
    return build_registry((compile_bundle(bundle, tables), day) for bundle, day in _shipped())


def registry_of(kept: KeptForms, named: Callable[[], Container[str]] = tuple) -> Registry:
    """The shipped versions, and those that documents of this folder were signed with. Keeps what is new.

    `named` gives the digests that documents name; of what was only proposed here nothing is compiled.
    """
    tables, shipped = load_tables(), _shipped()
    for bundle, _ in shipped:
        kept.keep(bundle, tables)
    known = {bundle.digest for bundle, _ in shipped}
    found = [(bundle, own) for bundle, own in kept.all() if bundle.digest not in known]
    written_here = {bundle.digest for bundle, _ in found if kept.papers(bundle.digest)}
    in_use = named() if written_here else ()
    spared = {digest for digest in written_here if digest not in in_use}
    older = [compile_bundle(bundle, own) for bundle, own in found if bundle.digest not in spared]
    return build_registry(((compile_bundle(bundle, tables), day) for bundle, day in shipped), older)


def kept_forms(data: Path) -> KeptForms:
    """The forms folder of a data folder."""
    found = {bundle.digest: partial(_papers, bundle) for bundle, _ in _shipped()}
    return KeptForms(data / "forms", shipped=found)


def workshop_of(data: Path, archive: KeptForms) -> Workshop:
    """What form versions are made from in a data folder."""
    meta = schemas.root() / "_meta"
    suffix = ".schema.json"
    return Workshop(
        drafts=FileVersionDrafts(data / "version_drafts"),
        archive=archive,
        tables=load_tables(),
        meta={
            file.name.removesuffix(suffix): json.loads(file.read_bytes())
            for file in meta.iterdir()
            if file.name.endswith(suffix)
        },
        regulation=json.loads(schemas.root().joinpath("regulation", "1.0.0.json").read_bytes()),
    )


def _papers(bundle: FormBundle) -> dict[str, bytes]:
    """What lies beside the four files: examples, CHANGES.md, and the lift when there is one."""
    version = schemas.root().joinpath(bundle.form, bundle.version)
    found = {name: version / name for name in ("CHANGES.md", "lift.json")}
    examples = version / "examples"
    if examples.is_dir():
        found |= {f"examples/{file.name}": file for file in examples.iterdir()}
    return {name: file.read_bytes() for name, file in found.items() if file.is_file()}


def _shipped() -> list[tuple[FormBundle, date]]:
    return [
        (parse_bundle(folder.name, version.name, bundle_files(version)), _first_day(version))
        for folder in _folders(schemas.root())
        if not folder.name.startswith("_")
        for version in _folders(folder)
        if (version / "schema.json").is_file()
    ]


def load_tables() -> Mapping[str, Any]:
    """The code tables by the file name that `x-tables` uses (`codes/regions.json`)."""
    folder = schemas.root() / "codes"
    return {
        f"codes/{file.name}": canonical.parse_bundle(file.read_bytes())
        for file in folder.iterdir()
        if file.name.endswith(".json")
    }


def load_settings() -> Mapping[str, Setting]:
    """The table of settings that this release ships, by key."""
    return parse_settings(json.loads(schemas.root().joinpath("settings", "1.0.0.json").read_bytes()))


def load_measures() -> Measures:
    """What is counted of documents, and the questions of every post, as this release ships it."""
    return parse_measures(json.loads(schemas.root().joinpath("measures", "1.0.0.json").read_bytes()))


def bundle_files(version: Traversable) -> dict[str, bytes]:
    """The four files that a form version's digest covers, as far as they are there."""
    found: dict[str, bytes] = {}
    for name in BUNDLE_FILES:
        file = version.joinpath(*name.split("/"))
        if file.is_file():
            found[name] = file.read_bytes()
    return found


def _first_day(version: Traversable) -> date:
    file = version / "in_force.json"
    return date.fromisoformat(json.loads(file.read_bytes())["from"]) if file.is_file() else _SINCE_EVER


def _folders(place: Traversable) -> list[Traversable]:
    return sorted((one for one in place.iterdir() if one.is_dir()), key=lambda one: one.name)


def courier_of(data: Path, opened: OpenDesk) -> Courier:
    """Who takes this desk's checkpoints to the witnesses of its agency."""
    from web.witness.courier import Courier

    desk = opened.desk

    def rules() -> policy.WitnessPolicy:
        newest = root.walk(root.read_trust_file(desk.trust.root_chain()))[-1]
        return policy.parse(newest.witness_policy)

    log_key = VerifierKey(desk.agency.origin, TYPE_ED25519, desk.vault.public_keys()["log"])
    return Courier(read_witnesses(data), desk.journal, log_key, rules, opened.cosigned, desk.clock)


def release() -> str:
    """The number of this release, as it was installed; "source" where it runs uninstalled."""
    try:
        return metadata.version("fengjian")
    except metadata.PackageNotFoundError:
        return "source"


def assemble(
    data: Path, settings: Settings, *, clock: Clock | None = None, vault: AnyVault | None = None
) -> tuple[Services, OpenDesk]:
    """Services over a data folder that is set up, with a press and readers of foreign PDFs.

    Witnesses have been asked before it returns. Close the second when the application stops.
    """
    from web.mail.post import post_of
    from web.pdf.pades import load_sealer
    from web.pdf.reader import PdfReaders
    from web.pdf.renderer import Renderer
    from web.services import build_services

    # Before anything is opened: an agency that wants its prints sealed does not start without the seal.
    sealer, post = None, post_of(settings)
    if settings.seal_pkcs12 is not None:
        sealer = load_sealer(settings.seal_pkcs12, settings.seal_passphrase)
    opened = open_desk(data, clock=clock, vault=vault)
    renderer, readers = Renderer(), PdfReaders()
    opened.parts.callback(renderer.close)
    opened.parts.callback(readers.close)
    try:
        ending.settle(opened.desk)
        shipping.record(opened.desk, release())
        courier = courier_of(data, opened)
        courier.greet()
    except BaseException:
        opened.close()
        raise
    services = build_services(
        opened.desk,
        settings,
        renderer=renderer,
        pdf_readers=readers,
        data=data,
        courier=courier,
        sealer=sealer,
        post=post,
    )
    return services, opened
