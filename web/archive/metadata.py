"""The metadata of an archived document: a minimal set of elements after DA/T 46-2009.

Decides names and values. The names follow the standard as far as it was known to us; an agency's archives
office checks them before the first transfer (decision 0029).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

from engine.desk.desk import Desk
from engine.desk.reading import Opened
from engine.desk.retention import Kept

SYSTEM: Final = "fengjian"
MANDATORY: Final = (
    "聚合层次", "立档单位名称", "电子文件号", "档号", "年度", "保管期限", "题名", "文件编号", "责任者",
    "日期", "密级", "文种", "语种", "形成系统", "计算机文件",
)  # fmt: skip
"""Elements that no document is archived without."""


def describe(
    desk: Desk, opened: Opened, kept: Kept, files: Mapping[str, bytes], steps: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """The elements of one document. `files` are its files by name, `steps` those of document.json."""
    row, form, agency = opened.row, opened.form, desk.agency
    year = kept.closed_on[:4]
    title = str(form.bundle.schema["title"])
    header = desk.journal.read(row["contents"][-1][1]).statement()["header"]
    return {
        "标准": "DA/T 46-2009（元素名待机构核对）",
        "聚合层次": "件",
        "立档单位名称": agency.name,
        "立档单位代码": agency.uscc,
        "电子文件号": row["doc_id"],
        "档号": f"{agency.code}-{year}-{kept.period}-{row['doc_id']}",
        "年度": year,
        "保管期限": kept.period,
        "保管至": kept.until,
        "题名": f"{title} {row['doc_no']}",
        "文件编号": row["doc_no"],
        "责任者": agency.name,
        "归档部门": row["unit"],
        "日期": kept.closed_on,
        "密级": str(header.get("data_level", "")),
        "处理依据": str(header.get("legal_basis", "")),
        "文种": title,
        "语种": "zh-CN",
        "稿本": "正本",
        "形成系统": SYSTEM,
        "表单版本": f"{row['form']} {row['version']} {row['digest']}",
        "计算机文件": [
            {"名称": name, "大小": len(data), "格式": _format(name), "数字摘要": f"SHA-256 {_digest(data)}"}
            for name, data in sorted(files.items())
        ],
        "电子签名": [
            {"规则": "Ed25519", "签名者": step["staff_no"], "时间": step["at"], "签名事件": step["event"]}
            for step in steps
        ],
        "业务行为": [
            {
                "行为": step["transition"],
                "时间": step["at"],
                "机构人员": step["staff_no"],
                "部门": step["department"],
            }
            for step in steps
        ],
    }


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()


def _format(name: str) -> str:
    kinds = {"pdf": "application/pdf", "json": "application/json", "png": "image/png", "jpg": "image/jpeg"}
    return kinds.get(name.rpartition(".")[2], "application/octet-stream")
