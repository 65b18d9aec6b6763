"""`fengjian compare`: the shape of its answer, both languages, every kind in words, what cannot be read."""

from __future__ import annotations

import ast
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import schemas
from engine.versions.changes import WORDING, Change, Label
from engine.versions.comparison import compare_schemas
from engine.versions.inclusion_work import GivingUp
from tests.conftest import ROOT
from tests.web.test_cli import fengjian
from web.cli.comparing import run_compare
from web.messages import LANGUAGES, read_catalogue
from web.version_words import page_of_words, words_from

SHIPPED = Path(str(schemas.root())) / "info_entry" / "1.0.0"
OLD: dict[str, Any] = {
    "type": "object",
    "properties": {
        "hours": {"title": "时数", "maximum": 3},
        "kind": {"title": "类别", "enum": ["甲", "乙", "丙"]},
    },
}
NEW: dict[str, Any] = {
    "type": "object",
    "properties": {
        "hours": {"title": "时数", "maximum": 5},
        "kind": {"title": "类别", "enum": ["甲", "乙"]},
        "phone": {"title": "监护人电话", "type": "string"},
    },
    "required": ["phone"],
}


def written(folder: Path, name: str, value: Any) -> str:
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value), "utf-8")
    return str(path)


def told(capsys: pytest.CaptureFixture[str], old: str | Path, new: str | Path) -> dict[str, Any]:
    run_compare(str(old), str(new), as_json=True)
    answer: dict[str, Any] = json.loads(capsys.readouterr().out)
    return answer


def test_two_schemas_are_compared_in_exactly_this_shape(tmp_path: Path) -> None:
    done = fengjian("compare", written(tmp_path, "o.json", OLD), written(tmp_path, "n.json", NEW), "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout) == {
        "changes": [
            {
                "pointer": "/properties/hours", "kind": "loosened",
                "words_zh": "“时数”的上限由 3 改为 5（放宽）",
                "words_en": "“时数”: maximum changed from 3 to 5 (looser)",
            },
            {
                "pointer": "/properties/kind", "kind": "option_removed",
                "words_zh": "“类别”的选项“丙”删除", "words_en": "“类别”: option “丙” removed",
            },
            {
                "pointer": "/properties/phone", "kind": "added_required",
                "words_zh": "新增必填项“监护人电话”", "words_en": "Required field “监护人电话” added",
            },
        ],
        "old_documents": {"verdict": "incompatible", "witness": {}, "reason": None},
        "new_documents": {
            "verdict": "incompatible", "witness": {"hours": 5, "phone": "示例"}, "reason": None,
        },
        "process": {
            "verdict": "none", "stuck": [], "doubtful": [], "unreachable": [], "nobody": [],
            "self_approval": [], "standing": 0,
        },
        "smallest_version": "major",
    }  # fmt: skip


def test_a_comparison_is_told_in_words_with_the_witness_below() -> None:
    page = "\n".join(page_of_words(compare_schemas(OLD, NEW), "zh-CN", read_catalogue()))
    assert "新增必填项“监护人电话”" in page
    assert "不兼容" in page and '"phone": "示例"' in page
    assert page.endswith("版本号至少：主版本号（major）")


Edit = Callable[[dict[str, Any]], object]


def insured(schema: dict[str, Any]) -> dict[str, Any]:
    part: dict[str, Any] = schema["properties"]["insured"]
    return part


def with_rule(level: str) -> Edit:
    rule = {"id": "X.new", "rule": "!has(data.claim)", "message": "无。", "at": "", "level": level}
    return lambda schema: schema["x-rules"].append(rule)


EDITS: dict[str, tuple[Edit, str, str, str]] = {
    "nothing": (lambda s: None, "compatible", "compatible", "patch"),
    "a title": (lambda s: s.update(title="录入表"), "compatible", "compatible", "patch"),
    "an optional field": (
        lambda s: insured(s)["properties"].update(street={"title": "街道", "type": "string"}),
        "compatible", "incompatible", "minor",
    ),
    "a required field": (
        lambda s: (
            insured(s)["properties"].update(street={"type": "string"}),
            insured(s)["required"].append("street"),
        ),
        "incompatible", "incompatible", "major",
    ),
    "a tighter pattern": (
        lambda s: insured(s)["properties"]["id_no"].update(pattern="^[0-9]{5,20}$"),
        "incompatible", "compatible", "major",
    ),
    "an option less": (
        lambda s: s["properties"]["entry"]["properties"]["entry_type"]["enum"].remove("statistics"),
        "incompatible", "compatible", "major",
    ),
    "the address split": (
        lambda s: insured(s)["properties"].update(
            line=insured(s)["properties"].pop("residence_address"), block={"type": "string"}
        ),
        "incompatible", "incompatible", "major",
    ),
    "a condition less": (lambda s: s["allOf"].pop(8), "compatible", "incompatible", "minor"),
    "an error rule": (with_rule("error"), "unknown|incompatible", "compatible", "major"),
    "a warning": (with_rule("warning"), "compatible", "compatible", "minor"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_small_changes_to_the_entry_form_are_judged_rightly(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit, old_documents, new_documents, step = EDITS[name]
    folder = tmp_path / "info_entry" / "1.1.0"
    shutil.copytree(SHIPPED, folder)
    schema = json.loads((folder / "schema.json").read_text("utf-8"))
    edit(schema)
    (folder / "schema.json").write_text(json.dumps(schema), "utf-8")
    answer = told(capsys, "info_entry@1.0.0", folder)
    assert answer["old_documents"]["verdict"] in old_documents.split("|")
    assert (answer["new_documents"]["verdict"], answer["smallest_version"]) == (new_documents, step)
    assert bool(answer["changes"]) is (name != "nothing")
    assert all(one["pointer"].startswith("/schema") for one in answer["changes"])


def kinds_in_code() -> set[str]:
    """Every text in the modules of changes that is the name of a sentence, and those of WORDING."""
    known = {key.removeprefix("versions.change.") for key in read_catalogue().sentences["en"]}
    spoken: set[str] = set()
    for name in ("changes_schema", "changes_states", "changes_layout"):
        tree = ast.parse((ROOT / "engine" / "versions" / f"{name}.py").read_text("utf-8"))
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        for call in calls:
            named = getattr(call.func, "id", getattr(call.func, "attr", ""))
            if named in ("Change", "_change", "_at") and len(call.args) > 1:
                said = [n.value for n in ast.walk(call.args[1]) if isinstance(n, ast.Constant)]
                spoken |= {one for one in said if isinstance(one, str) and one.replace("_", "").isalpha()}
    # `part_` begins a kind, and `final` is the key of a state that decides between two.
    return spoken - known - {"part_", "final"}


def test_every_kind_of_change_has_a_sentence() -> None:
    catalogue = read_catalogue()
    assert kinds_in_code() == set()
    assert [kind for kind in WORDING if not catalogue.knows(f"versions.change.{kind}")] == []


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_change_of_the_whole_form_and_missing_values_read_well(lang: str) -> None:
    words = words_from(read_catalogue())
    said = words(Change("", "unit", facts={"label": Label(""), "old": None, "new": "元"}), lang)
    assert (
        said
        == {"zh-CN": "整份表单的单位由 无 改为 元", "en": "The whole form: unit changed from none to 元"}[
            lang
        ]
    )


def test_every_reason_to_give_up_has_a_sentence() -> None:
    reasons: set[str] = set()
    for path in (ROOT / "engine" / "versions").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (GivingUp.__name__, "Open"):
                reasons |= {str(arg.value) for arg in node.args if isinstance(arg, ast.Constant)}
    catalogue = read_catalogue()
    assert {reason for reason in reasons if not catalogue.knows(f"versions.reason.{reason}")} == set()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('{"type": ', "json.syntax"),
        ('{"maximum": 1e999}', "json.number"),
        ('{"maximum": NaN}', "json.number"),
        ("[" * 300 + "]" * 300, "json.too_deep"),
        ('"text"', "type"),
        ('{"type": "text"}', "schema.invalid"),
    ],
)
def test_a_file_that_is_no_schema_is_refused_with_its_reason(
    content: str, code: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        run_compare(written(tmp_path, "o.json", content), written(tmp_path, "n.json", {}), as_json=True)
    assert (ended.value.code, code in capsys.readouterr().err) == (2, True)


def test_a_schema_that_is_too_large_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    large = written(tmp_path, "o.json", '{"title": "' + "a" * (5 << 20) + '"}')
    with pytest.raises(SystemExit) as ended:
        run_compare(large, large, as_json=False)
    assert (ended.value.code, "json.too_large" in capsys.readouterr().err) == (2, True)


@pytest.mark.parametrize("named", ["no/such/file.json", "info_entry@9.9.9", "info_entry@../1.0.0"])
def test_what_is_not_there_is_refused(named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run_compare(named, written(tmp_path, "n.json", {}), as_json=True)
    assert ended.value.code == 2
    assert capsys.readouterr().err.strip() != ""
