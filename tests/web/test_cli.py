"""The command line: names, exit codes, JSON, and that a cold `fengjian verify` loads little."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import schemas
from engine.desk import proving
from tests.conftest import ROOT
from tests.web.conftest import DemoAgency

EXAMPLES = Path(str(schemas.root())) / "info_entry" / "1.0.0" / "examples"
COMMANDS = ("serve", "demo", "verify", "audit", "validate", "check", "render", "bundle")


def fengjian(*words: str | Path, given: str = "") -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "FENGJIAN_LANG": "zh"}
    return subprocess.run(
        [sys.executable, "-m", "web.cli", *map(str, words)],
        input=given, capture_output=True, text=True, env=environment, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def files(demo: DemoAgency, genuine_paper: bytes, tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("files")
    desk = demo.services.desk
    (place / "trust.json").write_bytes(desk.trust.root_chain())
    (place / "paper.pdf").write_bytes(genuine_paper)
    bundle = proving.bundle_of(desk, demo.first(), proving.all_fields)
    (place / "bundle.json").write_bytes(bundle)
    (place / "edited.json").write_bytes(bundle.replace("张文兰".encode(), "张文英".encode()))
    return place


@pytest.mark.parametrize(
    ("lang", "said", "unsaid"), [("zh", "离线核验", "offline"), ("en", "offline", "离线")]
)
def test_help_speaks_one_language(monkeypatch: pytest.MonkeyPatch, lang: str, said: str, unsaid: str) -> None:
    from web.cli.helping import command_in_one_language

    monkeypatch.setenv("FENGJIAN_LANG", lang)
    helped = {name: str(one.help) for name, one in command_in_one_language().commands.items()}
    assert (said in helped["verify"], unsaid in helped["verify"]) == (True, False)
    assert [name for name, text in helped.items() if " / " in text] == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nosuch"], "没有这条命令：nosuch。"),
        (["verify"], "缺少参数：file。"),
        (["verify", "--bogus"], "没有这个选项：--bogus。"),
        (["demo", "--port", "many"], "--port 的值不合要求。"),
        (["compare", "one", "two", "three"], "命令行写得不对。"),
    ],
)
def test_a_wrong_command_line_is_answered_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    from web.cli import main

    monkeypatch.setenv("FENGJIAN_LANG", "zh")
    monkeypatch.setattr("sys.argv", ["fengjian", *words])
    with pytest.raises(SystemExit) as end:
        main()
    errors = capsys.readouterr().err.splitlines()
    assert (end.value.code, errors[0], "--help" in errors[1], len(errors)) == (2, said, True, 2)


def test_a_port_that_is_taken_is_said_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from web.cli.running import run_demo

    monkeypatch.setenv("FENGJIAN_LANG", "zh")
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as end:
        run_demo(tmp_path / "data", "127.0.0.1", taken.getsockname()[1])
    assert (end.value.code, "已被另一个程序占用" in capsys.readouterr().err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (b"\xff\xfe\x00", 1, "文件不是 UTF-8 文本"),
        (b'{"a": 1', 1, "不是有效的 JSON"),
        (b"", 1, "不是有效的 JSON"),
    ],
)
def test_validate_says_why_a_file_cannot_be_read(
    tmp_path: Path, content: bytes, code: int, said: str
) -> None:
    file = tmp_path / "answers.json"
    file.write_bytes(content)
    ended = fengjian("validate", "info_entry", file)
    assert (ended.returncode, said in ended.stdout) == (code, True)


def test_an_example_that_is_bad_on_purpose_raises_just_its_problem() -> None:
    ended = fengjian("validate", "info_entry", EXAMPLES / "bad-V1-age.json", "--json")
    problems = json.loads(ended.stdout)["problems"]
    assert (ended.returncode, [one["code"] for one in problems]) == (1, ["V1.age"])


def test_render_refuses_what_is_no_schema_in_a_sentence(tmp_path: Path) -> None:
    file = tmp_path / "schema.json"
    file.write_bytes(b"\x89PNG")
    ended = fengjian("render", file)
    assert (ended.returncode, "UTF-8" in ended.stderr, ended.stdout) == (2, True, "")


def test_the_help_names_the_commands_that_work() -> None:
    shown = fengjian("--help").stdout
    assert [name for name in COMMANDS if name not in shown] == []


@pytest.mark.parametrize(
    ("file", "with_trust", "code", "result"),
    [
        ("paper.pdf", True, 0, "genuine"),
        ("bundle.json", True, 0, "genuine"),
        ("edited.json", True, 1, "altered"),
        ("bundle.json", False, 2, "unknown_seal"),
        ("trust.json", True, 2, "unreadable"),
    ],
)
def test_verify_says_by_its_exit_code_what_it_found(
    files: Path, file: str, with_trust: bool, code: int, result: str
) -> None:
    trust = ("--trust", files / "trust.json") if with_trust else ()
    done = fengjian("verify", files / file, *trust, "--json")
    assert (done.returncode, json.loads(done.stdout)["result"]) == (code, result)


def test_verify_speaks_in_sentences(files: Path) -> None:
    done = fengjian("verify", files / "paper.pdf", "--trust", files / "trust.json")
    assert done.stdout.splitlines()[0] == "✓ 真实且现行"
    assert "盖章后改过吗？ 没有。每一页、每一项记录都与出具时一致。" in done.stdout


def test_verify_names_a_file_it_cannot_read(tmp_path: Path) -> None:
    done = fengjian("verify", tmp_path / "absent.pdf")
    assert (done.returncode, "读不到文件" in done.stderr) == (2, True)


def test_a_cold_verify_of_a_bundle_loads_neither_framework_nor_pdf_library(files: Path) -> None:
    heavy = ("fastapi", "starlette", "weasyprint", "pypdf", "tinydb", "jsonschema", "PIL", "cel")
    script = (
        "import sys\n"
        "from web.cli.commands import app\n"
        "try:\n"
        f"    app(['verify', {str(files / 'bundle.json')!r}, '--json'])\n"
        "except SystemExit:\n"
        "    pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False
    )
    assert done.stderr.strip() == "[]"


def test_audit_of_a_sound_folder_is_good(copy_of_demo: Callable[[], Path]) -> None:
    done = fengjian("audit", "--data", copy_of_demo(), "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert (found["problems"], found["records"] > 20) == ([], True)


def test_audit_finds_one_changed_byte_in_the_journal(copy_of_demo: Callable[[], Path]) -> None:
    data = copy_of_demo()
    segment = next((data / "journal").glob("*.seg"))
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0x01
    segment.write_bytes(content)
    assert fengjian("audit", "--data", data).returncode == 1


def test_audit_finds_a_row_that_the_journal_does_not_explain(copy_of_demo: Callable[[], Path]) -> None:
    data = copy_of_demo()
    snapshot = data / "projection.json"
    assert snapshot.exists()
    lines = snapshot.read_bytes()
    snapshot.write_bytes(lines.replace(b'"effective"', b'"superseded"'))
    # A snapshot with a wrong digest is thrown away and made anew, so nothing is wrong afterwards.
    assert fengjian("audit", "--data", data).returncode == 0


def test_a_folder_without_an_agency_is_said_so(tmp_path: Path) -> None:
    done = fengjian("audit", "--data", tmp_path)
    assert (done.returncode, "还没有建立机构" in done.stderr) == (2, True)


def test_bundle_writes_what_verify_accepts(
    copy_of_demo: Callable[[], Path], files: Path, demo: DemoAgency, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    data, number = copy_of_demo(), demo.first()["doc_id"]
    done = fengjian("bundle", number, "--disclose", "/assess,/insured/full_name", "-o", out, "--data", data)
    assert done.returncode == 0, done.stderr
    report = json.loads(fengjian("verify", out, "--trust", files / "trust.json", "--json").stdout)["report"]
    assert [one["path"] for one in report["values"]] == ["/insured/full_name"]
    assert fengjian("bundle", "LTCI-ENT-000000-20260101-000001-1", "--data", data).returncode == 2


def test_validate_judges_answers_from_a_file_and_from_standard_input(tmp_path: Path) -> None:
    answers = json.loads((EXAMPLES / "ok-1-first-assessment.json").read_bytes())["data"]
    good = tmp_path / "good.json"
    good.write_text(json.dumps(answers), encoding="utf-8")
    assert fengjian("validate", "info_entry@1.0.0", good).returncode == 0
    del answers["insured"]["full_name"]
    done = fengjian("validate", "info_entry", "-", "--json", given=json.dumps(answers))
    problems = json.loads(done.stdout)["problems"]
    assert (done.returncode, problems[0]["pointer"], problems[0]["code"]) == (
        1, "/insured/full_name", "required",
    )  # fmt: skip


def test_validate_takes_one_document_a_line(tmp_path: Path) -> None:
    answers = json.loads((EXAMPLES / "ok-1-first-assessment.json").read_bytes())["data"]
    many = tmp_path / "many.jsonl"
    many.write_text(json.dumps(answers) + "\n" + '{"a": 1.5}\n', encoding="utf-8")
    done = fengjian("validate", "info_entry", many, "--json")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert [line["line"] for line in lines] == [1, 2]
    assert [problem["code"] for problem in lines[1]["problems"]] == ["json.float"]
    assert done.returncode == 1


def test_the_published_form_passes_its_own_check() -> None:
    done = fengjian("check", EXAMPLES.parent, "--json")
    assert (done.returncode, json.loads(done.stdout)["problems"]) == (0, [])


def test_any_schema_is_rendered_as_a_form(tmp_path: Path) -> None:
    schema = tmp_path / "any.json"
    schema.write_text(
        '{"type":"object","properties":{"name":{"type":"string","title":"姓名"}}}', encoding="utf-8"
    )
    done = fengjian("render", schema)
    assert done.returncode == 0, done.stderr
    assert 'name="/name"' in done.stdout
