"""Every command with its options; the work of each is in the file named after its family.

Decides exit codes' meaning nowhere: each family says its own. A refusal of the engine becomes one sentence
and exit code 2; a loss of trust exit code 3.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(
    name="fengjian", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False,
    help="封缄：签名、密封、离开我们也能核验的表单 / "
    "fengjian: forms that are signed, sealed and verifiable without us.",
)  # fmt: skip

Data = Annotated[Path, typer.Option("--data", help="数据文件夹 / data folder", envvar="FENGJIAN_DATA")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")]
ANSWERS = "JSON 文件 (- 标准输入, .jsonl 多份) / JSON file (- for stdin; .jsonl for many)"
CHECKPOINT = "截至哪个检查点 / as of which checkpoint (size of the log)"
DISCLOSE = "公开的字段：all、none 或 /pointer,… / what to disclose: all, none or /pointer,…"
DOCUMENT = "文档标识、文号或内部标识 / document id or official number"
FOLDER = "表单版本文件夹 / form version folder"
ROOT_KEY = "保管人的根密钥文件 / a keeper's root key file"
NEW = "新版：文件夹、JSON Schema 或 FORM@VERSION / the newer one"
OLD = "旧版：文件夹、JSON Schema 或 FORM@VERSION / a folder, a JSON Schema or FORM@VERSION"
QUORUM = "none | any | all | 数目 / none | any | all | number"
Host = Annotated[str, typer.Option("--host", help="监听地址 / address to listen on")]
Port = Annotated[int, typer.Option("--port", help="端口 / port", min=0, max=65535)]
archive_app = typer.Typer(no_args_is_help=True, help="归档包：制作、检查 / archive packages")
app.add_typer(archive_app, name="archive")
DEMO_DATA = Path("fengjian-demo")
WITNESS_DATA = Path("fengjian-witness")


@app.command()
def serve(data: Data = Path("fengjian-data"), host: Host = "127.0.0.1", port: Port = 8700) -> None:
    """运行系统 / run the application on a data folder that has been set up."""
    from web.cli.running import run_serve

    run_serve(data, host, port)


@app.command()
def demo(data: Data = DEMO_DATA, host: Host = "127.0.0.1", port: Port = 8700) -> None:
    """演示：虚构机构、各岗位人员、示范文档 / serve with an invented agency and sample documents."""
    from web.cli.running import run_demo

    run_demo(data, host, port)


@app.command()
def init(
    data: Annotated[Path, typer.Option("--data", help="数据文件夹 an empty data folder")],
    answers: Annotated[Path | None, typer.Option("--answers", help="JSON，不逐项提问 / no questions")] = None,
    root_keys: Annotated[Path | None, typer.Option("--root-keys", help="根密钥文件夹 folder")] = None,
    address: Annotated[str, typer.Option("--address", help="本系统地址")] = "http://localhost:8700",
    as_json: Json = False,
) -> None:
    """建立正式机构：密钥仪式、恢复份额、首任管理员 / set up a real agency: the key ceremony."""
    from web.cli.ceremony import run_init

    run_init(data, answers, root_keys, address, as_json)


@app.command()
def recover(
    backup: Annotated[Path, typer.Option("--backup", help="备份的数据文件夹 a copied data folder")],
    data: Annotated[Path, typer.Option("--data", help="新的数据文件夹 the new data folder")],
    answers: Annotated[Path | None, typer.Option("--answers", help="JSON，不逐项提问 / no questions")] = None,
    as_json: Json = False,
) -> None:
    """凭恢复份额在新机器上恢复 / recover on a new machine from a backup and the recovery shares."""
    from web.cli.recovering import run_recover

    run_recover(backup, data, answers, as_json)


@app.command()
def unseal(data: Data = Path("fengjian-data")) -> None:
    """开启密钥：口令、份额或设备口令 / open the keys of a served agency: passphrase, shares or PIN."""
    from web.cli.unsealing import run_unseal

    run_unseal(data)


@app.command()
def vault(data: Data = Path("fengjian-data")) -> None:
    """单独运行密钥进程 / run the vault process by itself, so that it outlives the application."""
    from web.cli.unsealing import run_vault

    run_vault(data)


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="PDF 或 bundle.json / PDF or bundle.json")],
    trust: Annotated[Path | None, typer.Option("--trust", help="trust.json")] = None,
    as_json: Json = False,
) -> None:
    """离线核验 PDF 或证明包；0 全部符合，1 有不符，2 无法判断 / verify a PDF or bundle offline."""
    from web.cli.verifying import run_verify

    run_verify(file, trust, as_json)


@app.command()
def audit(
    data: Data = DEMO_DATA,
    since: Annotated[Path | None, typer.Option("--since", help="以前的检查点 / an older checkpoint")] = None,
    as_json: Json = False,
) -> None:
    """核查整个日志：摘要、签名、链、状态、投影一致 / check the whole journal; exit 1 on any fault."""
    from web.cli.auditing import run_audit

    run_audit(data, since, as_json)


@app.command()
def witness(
    data: Annotated[Path, typer.Option("--data", help="见证人文件夹 / witness folder")] = WITNESS_DATA,
    host: Host = "127.0.0.1",
    port: Port = 8710,
    log: Annotated[list[str] | None, typer.Option("--log", help="日志公钥 / log vkey")] = None,
    trust: Annotated[list[Path] | None, typer.Option("--trust", help="trust.json")] = None,
    name: Annotated[str, typer.Option("--name", help="首次启动时的名称 / name at the first start")] = "",
) -> None:
    """为别处的日志见证：记住并会签检查点 / remember and cosign checkpoints of others' logs."""
    from web.cli.witnessing import run_witness

    run_witness(data, host, port, log or [], trust or [], name)


@app.command()
def witnesses(
    quorum: Annotated[str, typer.Option("--quorum", help=QUORUM)] = "none",
    root_key: Annotated[list[Path] | None, typer.Option("--root-key", help=ROOT_KEY)] = None,
    data: Data = Path("fengjian-data"),
) -> None:
    """把 agency.json 中的见证人写入信任文件 / name the witnesses of agency.json in the trust file."""
    from web.cli.witnessing import run_witnesses

    run_witnesses(data, quorum, root_key or [])


@app.command()
def validate(
    form: Annotated[str, typer.Argument(help="FORM 或 FORM@VERSION / FORM or FORM@VERSION")],
    file: Annotated[Path, typer.Argument(help=ANSWERS, allow_dash=True)],
    as_json: Json = False,
) -> None:
    """按表单版本校验数据；1 有问题 / validate answers against a form version; exit 1 on problems."""
    from web.cli.forms import run_validate

    run_validate(form, file, as_json)


@app.command()
def check(folder: Annotated[Path, typer.Argument(help=FOLDER)], as_json: Json = False) -> None:
    """检查一个表单版本文件夹 / check a form version folder: meta-schemas, states, examples, layout."""
    from web.cli.forms import run_check

    run_check(folder, as_json)


@app.command()
def compare(
    old: Annotated[str, typer.Argument(help=OLD)],
    new: Annotated[str, typer.Argument(help=NEW)],
    as_json: Json = False,
) -> None:
    """比较两个版本：改动、旧文档是否仍有效、能否办结 / compare two versions: changes and verdicts."""
    from web.cli.comparing import run_compare

    run_compare(old, new, as_json)


@app.command()
def render(
    schema: Annotated[Path, typer.Argument(help="任意 JSON Schema / any JSON Schema")],
    layout: Annotated[Path | None, typer.Option("--layout")] = None,
    data: Annotated[Path | None, typer.Option("--data", help="已填内容 / answers")] = None,
) -> None:
    """把任意 JSON Schema 输出为 HTML 表单 / any JSON Schema as an HTML form on standard output."""
    from web.cli.forms import run_render

    run_render(schema, layout, data)


@app.command()
def bundle(
    document: Annotated[str, typer.Argument(help=DOCUMENT)],
    disclose: Annotated[str, typer.Option("--disclose", help=DISCLOSE)] = "none",
    out: Annotated[Path | None, typer.Option("-o", "--out")] = None,
    data: Data = DEMO_DATA,
) -> None:
    """导出一份文档的证明包 / write the proof bundle of a document."""
    from web.cli.bundling import run_bundle

    run_bundle(document, disclose, out, data)


@app.command("print")
def print_document(
    document: Annotated[str, typer.Argument(help=DOCUMENT)],
    by: Annotated[str, typer.Option("--by", help="按谁的权限（工号） / whose paper: a staff number")],
    checkpoint: Annotated[int | None, typer.Option("--checkpoint", help=CHECKPOINT, min=1)] = None,
    copy: Annotated[str, typer.Option("--copy", help="份号 / copy number")] = "01",
    lang: Annotated[str, typer.Option("--lang", help="zh-CN | en")] = "zh-CN",
    out: Annotated[Path | None, typer.Option("-o", "--out")] = None,
    data: Data = DEMO_DATA,
) -> None:
    """打印一份文档；按检查点重印时逐字节相同 / print a document as PDF, also as of a checkpoint."""
    from web.cli.printing import run_print

    run_print(document, by, checkpoint, copy, "en" if lang == "en" else "zh-CN", out, data)


@archive_app.command("make")
def make_archive(
    out: Annotated[Path, typer.Option("--out", help="归档包文件夹（尚不存在） / folder of the package")],
    documents: Annotated[list[str] | None, typer.Argument(help=DOCUMENT)] = None,
    form: Annotated[str, typer.Option("--form", help="某一表单的全部已办结文档 / all closed of a form")] = "",
    data: Data = Path("fengjian-data"),
    as_json: Json = False,
) -> None:
    """制作归档包（BagIt，明文，只放在归档区内） / write a BagIt package, opened, inside the archive."""
    from web.cli.archiving import run_make

    run_make(documents or [], form, out, data, as_json)


@archive_app.command("check")
def check_archive(
    folder: Annotated[Path, typer.Argument(help="归档包文件夹 / folder of the package")],
    trust: Annotated[Path | None, typer.Option("--trust", help="trust.json")] = None,
    as_json: Json = False,
) -> None:
    """检查归档包的四性；0 全部符合，1 有不符，2 有未能判断 / judge a package on four properties."""
    from web.cli.archiving import run_check

    run_check(folder, trust, as_json)
