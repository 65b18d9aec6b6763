"""A seal over the whole file: made last, judged by its bottom line, beside verdicts that it never changes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, pkcs12
from cryptography.x509.oid import NameOID
from pypdf import PdfReader, PdfWriter

from engine.errors import Unavailable
from tests.simulators.surroundings import FixedClock
from tests.verifier.asking import needs_node
from tests.web.conftest import DemoAgency
from tests.web.test_second_verifier import second_says
from tests.web.test_verify import NOW, enclosures, with_edited_page
from web.pdf import pades
from web.pdf.drawn import drawn_pages
from web.pdf.pades import NO_SEAL, Sealer, judge_seal, load_sealer
from web.pdf.prints import print_form
from web.pdf.reader import PdfReaders
from web.verification.judge import Verification, judge
from web.verification.words import put_into_words

PASSPHRASE = b"fifteen herons in a row"


def pkcs12_of(folder: Path, *, until: datetime = NOW + timedelta(days=365)) -> tuple[Path, Path]:
    """A key with a certificate that the agency signed itself, and the file with its passphrase."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示范市长护中心")])
    bits = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign",
         "encipher_only", "decipher_only"), False,
    )  # fmt: skip
    usage = x509.KeyUsage(digital_signature=True, content_commitment=True, **bits)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=365))
        .not_valid_after(until)
        .add_extension(usage, critical=True)
        .sign(key, SHA256())
    )
    place, words = folder / "seal.p12", folder / "seal.passphrase"
    locked = BestAvailableEncryption(PASSPHRASE)
    place.write_bytes(pkcs12.serialize_key_and_certificates(b"seal", key, certificate, None, locked))
    words.write_bytes(PASSPHRASE + b"\n")
    return place, words


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return load_sealer(*pkcs12_of(tmp_path))


def judged(demo: DemoAgency, data: bytes) -> Verification:
    return judge(data, trust=demo.services.desk.trust.root_chain(), now=NOW)


def test_a_sealed_file_is_judged_as_before_and_its_seal_covers_every_byte(
    demo: DemoAgency, genuine_paper: bytes, sealer: Sealer
) -> None:
    sealed = sealer.seal(genuine_paper, NOW)
    assert drawn_pages(sealed) == drawn_pages(genuine_paper)
    assert enclosures(sealed) == enclosures(genuine_paper)
    before, after = judged(demo, genuine_paper), judged(demo, sealed)
    assert replace(after, file_seal=NO_SEAL) == before
    assert before.file_seal == NO_SEAL
    assert after.file_seal.as_json() == {
        "status": "whole",
        "signer": "Common Name: 示范市长护中心",
        "certificate": sealer.certificate,
    }


def test_the_seal_is_the_agencys_and_claims_our_time(genuine_paper: bytes, sealer: Sealer) -> None:
    at = datetime(2026, 11, 20, 4, 0, tzinfo=UTC)
    root: Any = PdfReader(BytesIO(sealer.seal(genuine_paper, at))).trailer["/Root"]
    value = root["/AcroForm"]["/Fields"][0].get_object()["/V"]
    assert (value["/SubFilter"], value["/M"][:16]) == ("/ETSI.CAdES.detached", "D:20261120040000")


def test_whoever_changes_a_sealed_file_breaks_the_seal(
    demo: DemoAgency, genuine_paper: bytes, sealer: Sealer
) -> None:
    sealed = sealer.seal(genuine_paper, NOW)
    appended = PdfWriter(BytesIO(sealed), incremental=True)
    appended.add_metadata({"/Title": "别的"})
    out = BytesIO()
    appended.write(out)
    flipped = bytearray(sealed)
    flipped[len(sealed) // 2] ^= 1
    seen = {
        "appended": out.getvalue(),
        "a byte after the end": sealed + b"\n",
        "flipped": bytes(flipped),
        "page edited": with_edited_page(sealed, 1),
        "cut": sealed[:-200],
    }
    assert {name: judge_seal(data).status for name, data in seen.items()} == dict.fromkeys(seen, "changed")
    case = judged(demo, seen["appended"])
    assert (case.result, case.facts["where"], case.file_seal.status) == ("altered", "appended", "changed")


def test_a_strangers_seal_names_the_strangers_certificate(
    demo: DemoAgency, genuine_paper: bytes, sealer: Sealer, tmp_path: Path
) -> None:
    (tmp_path / "stranger").mkdir()
    stranger = load_sealer(*pkcs12_of(tmp_path / "stranger"))  # of the very same name
    found = judge_seal(stranger.seal(sealer.seal(genuine_paper, NOW), NOW))
    assert found.status == "whole"  # it is whole: what tells it apart is whose certificate it is
    assert found.certificate == stranger.certificate != sealer.certificate
    edited = judged(demo, stranger.seal(with_edited_page(genuine_paper, 1), NOW))
    assert (edited.result, edited.pages, edited.file_seal.status) == ("altered", (2,), "whole")


def test_a_certificate_that_had_ended_seals_nothing(genuine_paper: bytes, tmp_path: Path) -> None:
    ended = load_sealer(*pkcs12_of(tmp_path, until=NOW - timedelta(days=1)))
    assert judge_seal(ended.seal(genuine_paper, NOW)).status == "changed"


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7 /ByteRange", b"/ByteRange [0 1 2 3]" * 99])
def test_any_bytes_get_an_answer(data: bytes) -> None:
    assert judge_seal(data).status == ("changed" if data else "none")


def test_readers_of_strangers_files_judge_the_seal_in_their_own_process(
    genuine_paper: bytes, sealer: Sealer
) -> None:
    readers = PdfReaders(processes=1)
    try:
        assert readers.read(sealer.seal(genuine_paper, NOW)).seal.status == "whole"
        assert readers.read(genuine_paper).seal == NO_SEAL
    finally:
        readers.close()


def test_the_press_seals_where_the_agency_wants_it_and_unsealed_prints_stay_the_same_bytes(
    demo: DemoAgency, sealer: Sealer
) -> None:
    session, doc = demo.session("YW000231"), demo.first()["doc"]
    unsealed = replace(demo.services, desk=replace(demo.services.desk, clock=FixedClock(NOW)))
    plain = [print_form(unsealed, session, doc, "01", "zh-CN") for _ in range(2)]
    assert plain[0] == plain[1] and judge_seal(plain[0].data) == NO_SEAL
    printed = print_form(replace(unsealed, sealer=sealer), session, doc, "01", "zh-CN")
    assert (printed.drawn, judge_seal(printed.data).status) == (plain[0].drawn, "whole")
    last = list(demo.services.desk.access.entries())[-1]
    assert last.what[-1] == f"sha256:{printed.sha256}"


def test_without_the_program_the_seal_is_left_unjudged(
    demo: DemoAgency, genuine_paper: bytes, sealer: Sealer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sealed = sealer.seal(genuine_paper, NOW)
    monkeypatch.setattr(pades, "is_installed", lambda: False)
    case = judged(demo, sealed)
    assert (case.file_seal.status, case.result) == ("unchecked", judged(demo, genuine_paper).result)
    with pytest.raises(Unavailable) as refused:
        load_sealer(*pkcs12_of(tmp_path))
    assert refused.value.code == "seal.not_installed"


def test_a_key_file_that_does_not_open_is_named_at_the_start(tmp_path: Path) -> None:
    place, words = pkcs12_of(tmp_path)
    words.write_bytes(b"wrong\n")
    for given in ((place, words), (place, None), (tmp_path / "nothing", words), (words, words)):
        with pytest.raises(Unavailable) as refused:
            load_sealer(*given)
        assert refused.value.code == "seal.key"


@pytest.mark.parametrize("lang", ["zh-CN", "en"])
def test_the_seal_is_told_in_words(
    demo: DemoAgency, genuine_paper: bytes, sealer: Sealer, lang: str
) -> None:
    def say(key: str, **facts: object) -> str:
        return demo.services.catalogue.say(lang, key, **facts)

    shown = put_into_words(judged(demo, sealer.seal(genuine_paper, NOW)), lang, say)
    told = dict(shown.document)[say("verify.file_seal")]
    assert "示范市长护中心" in told and told == say(
        "verify.file_seal.whole", signer="Common Name: 示范市长护中心"
    )
    unsealed = put_into_words(judged(demo, genuine_paper), lang, say)
    assert say("verify.file_seal") not in dict(unsealed.document)


@needs_node
def test_the_second_verifier_says_the_same_and_that_it_did_not_check_the_seal(
    demo: DemoAgency, genuine_paper: bytes, sealer: Sealer, tmp_path: Path
) -> None:
    trust, file = tmp_path / "trust.json", tmp_path / "sealed.pdf"
    trust.write_bytes(demo.services.desk.trust.root_chain())
    sealed = sealer.seal(genuine_paper, NOW)
    file.write_bytes(sealed)
    code, told = second_says(file, trust)
    first = judged(demo, sealed)
    expected = json.loads(json.dumps(first.as_json())) | {
        "file_seal": {"status": "unchecked", "signer": "", "certificate": ""}
    }
    assert (code, told) == (first.exit_code, expected)
