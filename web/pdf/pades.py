"""The optional seal over a whole PDF file (PAdES, ETSI EN 319 142-1): made last, judged by its bottom line.

Decides how the seal goes into the file: written in one go, in a field that no page shows, so that the pages
and the number of their revisions stay what the page seal says. Never replaces the proof inside, and never
changes its verdicts: it is a stamp that other programs understand. pyHanko (the extra `pades`) is loaded only
when a file is sealed or carries a seal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

from engine.errors import Unavailable

FIELD = "Seal"
Status = Literal["none", "whole", "changed", "unchecked"]


@dataclass(frozen=True, slots=True)
class FileSeal:
    """What was found: `whole` (it holds and covers every byte), `changed` (it does not), `none`, `unchecked`
    (no program for it here). `signer` is the subject as the certificate claims it; `certificate` is the
    certificate's SHA-256."""

    status: Status = "none"
    signer: str = ""
    certificate: str = ""

    def as_json(self) -> dict[str, str]:
        """As a JSON object."""
        return {"status": self.status, "signer": self.signer, "certificate": self.certificate}


NO_SEAL = FileSeal()


def seal_from_json(value: Mapping[str, str]) -> FileSeal:
    """The inverse of `FileSeal.as_json`; KeyError or ValueError for anything else."""
    statuses: tuple[Status, ...] = ("none", "whole", "changed", "unchecked")
    found = next((one for one in statuses if one == value["status"]), None)
    if found is None:
        raise ValueError("status")
    return FileSeal(found, str(value["signer"]), str(value["certificate"]))


class Sealer:
    """Seals files with the key of a PKCS#12 file."""

    def __init__(self, signer: Any) -> None:
        self._signer = signer
        self.certificate = hashlib.sha256(signer.signing_cert.dump()).hexdigest()

    def seal(self, data: bytes, at: datetime) -> bytes:
        """The same pages and enclosures in a new file, sealed as a whole; `at` is the time it claims."""
        reader, writers = _part("pyhanko.pdf_utils.reader"), _part("pyhanko.pdf_utils.writer")
        signers, fields = _part("pyhanko.sign.signers"), _part("pyhanko.sign.fields")
        writer = writers.copy_into_new_writer(reader.PdfFileReader(BytesIO(data)))
        _add_field(writer)
        meta = signers.PdfSignatureMetadata(
            field_name=FIELD, md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, certify=False
        )
        timed = _at(signers.PdfSigner, at)
        out = timed(meta, signer=self._signer).sign_pdf(writer, existing_fields_only=True)
        return bytes(out.getbuffer())


def _at(base: Any, at: datetime) -> Any:
    """The signer class with our clock in place of the system's."""

    class Timed(base):  # type: ignore[misc]
        def init_signing_session(self, *given: Any, **named: Any) -> Any:
            session = super().init_signing_session(*given, **named)
            session.system_time = at
            return session

    return Timed


def _add_field(writer: Any) -> None:
    """A signature field of no size that belongs to no page's list of annotations: no page looks different."""
    generic = _part("pyhanko.pdf_utils.generic")
    name, number = generic.pdf_name, generic.NumberObject
    field = generic.DictionaryObject(
        {
            name("/FT"): name("/Sig"),
            name("/T"): generic.pdf_string(FIELD),
            name("/Type"): name("/Annot"),
            name("/Subtype"): name("/Widget"),
            name("/F"): number(0b10000100),
            name("/Rect"): generic.ArrayObject([number(0)] * 4),
        }
    )
    fields = generic.ArrayObject([writer.add_object(field)])
    form = generic.DictionaryObject({name("/Fields"): fields, name("/SigFlags"): number(3)})
    writer.root[name("/AcroForm")] = writer.add_object(form)


def _part(name: str) -> Any:
    return import_module(name)


def is_installed() -> bool:
    """Whether files can be sealed and seals judged here."""
    return find_spec("pyhanko") is not None


def load_sealer(pkcs12: Path, passphrase: Path | None) -> Sealer:
    """The sealer of a PKCS#12 file; the passphrase is the first line of a file of its own.

    Raises Unavailable: `seal.not_installed` without pyHanko, `seal.key` when the file does not open.
    """
    if not is_installed():
        raise Unavailable("seal.not_installed")
    simple = _part("pyhanko.sign.signers").SimpleSigner
    try:
        words = passphrase.read_bytes().split(b"\n", 1)[0].strip() if passphrase is not None else None
        signer = simple.load_pkcs12_data(pkcs12.read_bytes(), other_certs=[], passphrase=words)
    except (OSError, ValueError):
        signer = None
    if signer is None:
        raise Unavailable("seal.key")
    return Sealer(signer)


def judge_seal(data: bytes) -> FileSeal:
    """Whether the file carries a seal that holds for every byte of it. Raises nothing for any bytes.

    1. exactly one signature; more were added by somebody later
    2. the time it claims is within the certificate's (an anchor's time is not looked at by the library)
    3. pyHanko's bottom line: intact, valid, the certificate's use allows it, no later change
    4. coverage of the entire file
    The certificate counts as its own root here: whose it is, is the caller's to compare.
    """
    if b"/ByteRange" not in data:
        return NO_SEAL
    if not is_installed():
        return FileSeal("unchecked")
    try:
        return _judged(data)
    except (Exception, RecursionError):
        # The libraries raise many things for damaged seals; a seal that cannot be judged does not hold.
        return FileSeal("changed")


def _judged(data: bytes) -> FileSeal:
    reader, validation = _part("pyhanko.pdf_utils.reader"), _part("pyhanko.sign.validation")
    whole = _part("pyhanko.sign.validation.status").SignatureCoverageLevel.ENTIRE_FILE
    # 1
    found = list(reader.PdfFileReader(BytesIO(data), strict=False).embedded_regular_signatures)
    if not found:
        return NO_SEAL
    first = found[0]
    certificate = first.signer_cert
    about = (str(certificate.subject.human_friendly), hashlib.sha256(certificate.dump()).hexdigest())
    if len(found) != 1:
        return FileSeal("changed", *about)
    # 2
    at = first.self_reported_timestamp
    if at is None or not certificate.not_valid_before <= at <= certificate.not_valid_after:
        return FileSeal("changed", *about)
    # 3
    context = _part("pyhanko_certvalidator").ValidationContext(
        trust_roots=[certificate], allow_fetching=False, moment=at
    )
    uses = _part("pyhanko.sign.validation.settings").KeyUsageConstraints(
        key_usage={"digital_signature", "non_repudiation"}, match_all_key_usages=False
    )
    status = validation.validate_pdf_signature(first, context, key_usage_settings=uses)
    # 4
    is_whole = status.bottom_line and status.coverage == whole
    return FileSeal("whole" if is_whole else "changed", *about)
