"""The verifier's sentences: code → (Chinese, English), so that it can be installed on its own.

Holds words only, with `{fact}` places; every code a report can carry has one (a test holds that).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TITLES: Mapping[str, tuple[str, str]] = {
    "integrity": ("内容完整", "Integrity"),
    "identity": ("签署人身份", "Identity"),
    "authority": ("签署权限", "Authority"),
    "order": ("先后与齐全", "Order and completeness"),
    "freshness": ("时效", "Freshness"),
}

SENTENCES: Mapping[str, tuple[str, str]] = {
    "not_judged": (
        "前面的步骤未通过，这一项无法判断。",
        "An earlier step failed, so this cannot be judged.",
    ),
    "integrity.good": (
        "每一项记录与签署时逐字节一致，并已载入日志（共 {size} 条）。",
        "Every record is byte for byte what was signed and stands in the log ({size} entries).",
    ),
    "integrity.not_a_bundle": (
        "这不是一份证明包，或文件已损坏。可向出具机构重新索取。",
        "This is not a proof bundle, or the file is damaged. Ask the issuing agency for it again.",
    ),
    "integrity.malformed": (
        "证明包中有不符合规格的内容，不能采信。",
        "Something in the proof bundle is not as the format requires; do not rely on it.",
    ),
    "integrity.suite": (
        "第 {seq} 项记录使用了不被允许的密码算法。",
        "Record {seq} uses cryptography that is not allowed.",
    ),
    "integrity.signature": (
        "第 {seq} 项记录的签名与内容不符：内容或签名被改动过。",
        "A signature on record {seq} does not fit its content: one of them was changed.",
    ),
    "integrity.repeated_signature": (
        "第 {seq} 项记录重复使用了同一签名。",
        "Record {seq} carries the same signature twice.",
    ),
    "integrity.payload_type": ("记录的类型不符。", "A record is of the wrong type."),
    "integrity.checkpoint_signature": (
        "日志检查点的签名无效。",
        "The signature on the log's checkpoint is not valid.",
    ),
    "integrity.checkpoint_lines": (
        "日志检查点带有无法解释的签名行。",
        "The log's checkpoint carries signature lines that nothing explains.",
    ),
    "integrity.other_checkpoint": (
        "第 {index} 条日志的证明对应另一个检查点。",
        "The proof of log entry {index} belongs to another checkpoint.",
    ),
    "integrity.not_in_log": (
        "所述第 {index} 条不在日志中，或已被改动。",
        "What is said to be log entry {index} is not in the log, or was changed.",
    ),
    "integrity.disclosure": (
        "字段 {path} 的值与签署时不同。",
        "The value of {path} is not the one that was signed.",
    ),
    "integrity.disclosure_place": (
        "所披露的字段不属于这份文件的任何一项记录。",
        "A disclosed field belongs to no record of this document.",
    ),
    "integrity.destroyed": (
        "各项记录与签署时一致；其内容已依法于日志第 {index} 条销毁，不再可读。",
        "Every record is what was signed; its content was lawfully destroyed at log entry {index}.",
    ),
    "identity.good": (
        "签署人均登记在该机构的信任名册中，机构信任根与所持一致。",
        "Every signer is in the agency's register, and its trust root is the one held here.",
    ),
    "identity.not_known_here": (
        "本验证器未持有“{name_zh}”的信任文件，无法确认机构身份。核对其公布的指纹后再验证。",
        "This verifier holds no trust file of {name_en}. Compare the published fingerprint, then retry.",
    ),
    "identity.trust_file": (
        "所给的信任文件不可用，核对后重新提供。",
        "The trust file given cannot be used; check it and give it again.",
    ),
    "identity.other_root": (
        "这份文件出自另一个信任根（自称“{name_zh}”），不是所持信任文件的机构出具的。",
        "This document comes from another trust root (calling itself {name_en}), not the one trusted here.",
    ),
    "identity.snapshot": (
        "信任名册未经该机构登记人按规定人数签署。",
        "The register of signers is not signed by enough of the agency's registrars.",
    ),
    "identity.no_snapshot": ("证明包中没有信任名册。", "The proof bundle holds no register of signers."),
    "identity.agency": (
        "记录写明的机构代码 {agency} 不是该机构。",
        "A record names another agency: {agency}.",
    ),
    "identity.person": (
        "第 {seq} 项记录的签署人 {person} 不在信任名册中。",
        "The signer of record {seq}, {person}, is not in the register.",
    ),
    "identity.key": (
        "第 {seq} 项记录不是用 {person} 登记的密钥签署的。",
        "Record {seq} is not signed with a key registered for {person}.",
    ),
    "identity.platform": (
        "第 {seq} 项记录缺少平台的见证签名，或带有不明签名。",
        "Record {seq} lacks the platform's attestation or carries a signature nobody accounts for.",
    ),
    "authority.good": (
        "每位签署人在签署时密钥有效、具有相应岗位，且未审核自己经手的文件。",
        "Each signer had a valid key and the role for the step at the time, and judged nobody's own work.",
    ),
    "authority.person_missing": (
        "第 {seq} 项记录的签署人资料不在证明包中。",
        "The entry of the signer of record {seq} is not in the bundle.",
    ),
    "authority.key": (
        "签署第 {seq} 项记录时，{person} 的密钥无效。",
        "The key of {person} was not valid when record {seq} was signed.",
    ),
    "authority.suspect": (
        "{person} 的密钥自第 {since} 条起可能被他人使用，第 {seq} 项记录需重新确认。",
        "Others may have used the key of {person} from log entry {since} on; record {seq} needs confirming.",
    ),
    "authority.reaffirmed": (
        "第 {seq} 项记录签署时密钥可能被他人使用，已由另一名有权人员在日志第 {by_index} 条重新确认。",
        "The key of record {seq} may have been used by others; another entitled person confirmed the record "
        "at log entry {by_index}.",
    ),
    "authority.reaffirm": (
        "第 {seq} 项记录的重新确认无效：{person} 无权确认所述记录。",
        "The confirmation in record {seq} does not count: {person} may not confirm the records it names.",
    ),
    "authority.shred": (
        "第 {seq} 项记录的内容销毁未经两名不同人员以同一法定依据批准。",
        "The destruction in record {seq} was not approved by two different people on one legal basis.",
    ),
    "authority.grant": (
        "签署第 {seq} 项记录时，{person} 没有“{role}”岗位的授权。",
        "{person} had no grant as {role} when record {seq} was signed.",
    ),
    "authority.role": (
        "岗位“{role}”无权办理“{transition}”（第 {seq} 项记录）。",
        "The role {role} may not take the step {transition} (record {seq}).",
    ),
    "authority.role_unknown": (
        "第 {seq} 项记录的岗位“{role}”不在机构公布的岗位表中。",
        "The role {role} of record {seq} is not among those the agency has published.",
    ),
    "authority.own_work": (
        "第 {seq} 项记录由 {person} 审核了自己经手的文件。",
        "In record {seq}, {person} judged their own work.",
    ),
    "authority.unit": (
        "第 {seq} 项记录应由“{needed}”部门办理，签署人属于“{unit}”。",
        "Record {seq} belongs to the department {needed}, but its signer is of {unit}.",
    ),
    "authority.not_same": (
        "第 {seq} 项记录应由先前办理的同一人签署，实际为 {person}。",
        "Record {seq} had to be signed by the person who took the earlier step, but {person} signed.",
    ),
    "order.good": (
        "共 {seq} 项记录，首尾相接，平台声明在日志第 {size} 条之前没有更新的记录。",
        "{seq} records, each naming the one before; none was newer at log size {size}, the platform states.",
    ),
    "order.empty": ("证明包中没有任何记录。", "The proof bundle holds no record."),
    "order.origin": ("记录出自另一个日志：{origin}。", "A record belongs to another log: {origin}."),
    "order.quorum": (
        "日志检查点的外部见证不足（有效 {seen} 个）。",
        "Too few outside witnesses have signed the checkpoint ({seen} valid).",
    ),
    "order.snapshots": ("信任名册的先后顺序不对。", "The registers of signers are not in order."),
    "order.gap": (
        "记录不连续：应为第 {expected} 项，实为第 {seq} 项。",
        "A record is missing: number {expected} was expected, number {seq} was found.",
    ),
    "order.prev": ("第 {seq} 项记录与前一项不相接。", "Record {seq} does not name the one before it."),
    "order.index": (
        "第 {seq} 项记录在日志中的位置早于前一项。",
        "Record {seq} stands before the previous one in the log.",
    ),
    "order.document": ("第 {seq} 项记录属于另一份文件。", "Record {seq} belongs to another document."),
    "order.form_missing": (
        "第 {seq} 项记录所用的表单版本不在证明包中，或已被改动。",
        "The form version of record {seq} is not in the bundle, or was changed.",
    ),
    "order.state": (
        "第 {seq} 项记录的起始状态应为“{expected}”，实为“{found}”。",
        "Record {seq} should start from {expected} but starts from {found}.",
    ),
    "order.transition": (
        "第 {seq} 项记录的办理步骤“{transition}”不在该表单版本的流程中。",
        "The step {transition} of record {seq} does not exist in this form version.",
    ),
    "order.head": (
        "平台的末项声明与记录不符（声明第 {said} 项，实有 {found} 项）：可能缺少后来的记录。",
        "The head statement ({said}) differs from the records ({found}): later ones may be missing.",
    ),
    "order.head_signature": ("平台的末项声明签名无效。", "The signature on the head statement is not valid."),
    "freshness.good": (
        "信任名册在 {now} 仍在有效期内。",
        "The register of signers was within its validity at {now}.",
    ),
    "freshness.no_clock": (
        "未提供当前时间；结论截至 {as_of}。",
        "No time was given; this holds as of {as_of}.",
    ),
    "freshness.snapshot_expired": (
        "信任名册已于 {as_of} 过期；以上结论截至该日，之后的撤销未能查证。",
        "The register expired at {as_of}; what is said holds as of then, later revocations were not seen.",
    ),
    "freshness.root_expired": (
        "机构信任根已于 {as_of} 过期，换用新的信任文件再验证。",
        "The agency's trust root expired at {as_of}; verify again with a newer trust file.",
    ),
    "freshness.clock": (
        "当前时间早于信任名册的签发时间 {issued_at}，核对本机时钟。",
        "The time is before the register was issued ({issued_at}); check the clock.",
    ),
    "freshness.older_root": (
        "信任根的版本低于已知的第 {known} 版。",
        "The trust root is older than version {known}, which is known here.",
    ),
    "freshness.older_snapshot": (
        "信任名册的版本低于已知的第 {known} 版。",
        "The register is older than version {known}, which is known here.",
    ),
    "freshness.older_checkpoint": (
        "日志检查点小于已知的 {known} 条：日志可能被回退。",
        "The checkpoint is below {known} entries, known here: the log may have been rolled back.",
    ),
}


class _Facts(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def sentence(code: str, facts: Mapping[str, Any], lang: str = "zh-CN") -> str:
    """The sentence of a verdict's code in `zh-CN` or `en`."""
    chinese, english = SENTENCES[code]
    return (english if lang.startswith("en") else chinese).format_map(_Facts(facts))


def title(verdict: str, lang: str = "zh-CN") -> str:
    """The name of a verdict."""
    chinese, english = TITLES[verdict]
    return english if lang.startswith("en") else chinese
