"""Every field of the regulation's list C.4.1, with label, need, sensitivity and index, against the form."""

from __future__ import annotations

import pytest

from tests.schemas import reading

# Section, pointer, label, Req (M C O S), PI (N P S), Idx, as the list of the regulation gives them.
LIST = """
A /entry/entry_type 录入类型 M N =
A /entry/related_doc_ids 关联文档 O N =
A /entry/info_category 信息类别 M N =
A /entry/collected_at 采集时间 M N <>
A /entry/collection_place 采集方式 M N =
A /entry/collector_staff_no 采集人工号 M N =
A /entry/partner_uscc 合作单位代码 C N =
A /entry/urgency 办理时限类别 O N =
B /insured/full_name 姓名 C P ~
B /insured/gender 性别 C P =
B /insured/id_type 证件类型 C P =
B /insured/id_no 证件号码 C S ~
B /insured/birth_date 出生日期 C P <>
B /insured/ethnicity 民族 O S -
B /insured/marital_status 婚姻状况 O P -
B /insured/living_arrangement 居住情况 C P =
B /insured/hukou_region 户籍区划 O P =
B /insured/residence_region 居住地区划 C P =
B /insured/residence_street 居住街道（乡镇） O P =
B /insured/residence_address 居住地址 C S -
B /insured/mobile 手机号码 C S ~
B /insured/landline 固定电话 O S -
B /insured/photo_ref 近期照片 O S -
C /agent/has_agent 是否代办 M N =
C /agent/full_name 代理人姓名 C P ~
C /agent/relation 与参保人关系 C P =
C /agent/id_no 代理人证件号码 C S ~
C /agent/mobile 代理人电话 C S ~
C /agent/address 代理人地址 O S -
C /agent/authorization_ref 授权委托书 C S -
D /insurance/psn_no 医保个人编号 C P ~
D /insurance/basic_type 基本医保险种 C N =
D /insurance/ltci_type 长护险种代码 S N =
D /insurance/person_type 人员类别 C P =
D /insurance/insured_region 参保地区划 C N =
D /insurance/status 参保状态 C N =
D /insurance/insured_since 参保起始日 O N <>
D /insurance/social_card_no 社会保障卡号 O S ~
D /insurance/employer_uscc 参保单位代码 O P =
D /insurance/special_status 特殊身份 O S -
E /health/onset_month 失能起始年月 C S <>
E /health/duration_months 失能持续月数 C S <>
E /health/diagnoses/*/code 疾病诊断代码 C S =
E /health/diagnoses/*/name 疾病诊断名称 C S -
E /health/cause 主要致失能原因 C S =
E /health/dementia_flag 是否失智 C S =
E /health/tubes 管路情况 O S -
E /health/pressure_ulcer_stage 压疮分期 O S -
E /health/self_items 自评十项 C S -
E /health/self_level 自评等级 C S =
F /assess/standard 评估标准 C N =
F /assess/ruleset_hash 判定规则指纹 S N -
F /assess/kind 评估类别 C N =
F /assess/org_name 评估机构名称 C N T
F /assess/org_uscc 评估机构代码 C N =
F /assess/assessors/*/staff_no 评估人员编号 C P =
F /assess/assessors/*/kind 评估人员类别 C N -
F /assess/onsite_at 现场评估时间 C N <>
F /assess/guardian_present 监护人或代理人在场 C N -
F /assess/video_ref 影像资料 C S -
F /assess/adl/eating 进食 C S -
F /assess/adl/dressing 穿衣 C S -
F /assess/adl/face_oral_cleaning 面部与口腔清洁 C S -
F /assess/adl/bowel_control 大便控制 C S -
F /assess/adl/bladder_control 小便控制 C S -
F /assess/adl/toilet_use 用厕 C S -
F /assess/adl/walking 平地行走 C S -
F /assess/adl/transfer 床椅转移 C S -
F /assess/adl/stairs 上下楼 C S -
F /assess/adl/bathing 洗澡 C S -
F /assess/cog/time_orientation 时间定向 C S -
F /assess/cog/person_orientation 人物定向 C S -
F /assess/cog/place_orientation 空间定向 C S -
F /assess/cog/memory 记忆力 C S -
F /assess/per/vision 视力 C S -
F /assess/per/hearing 听力 C S -
F /assess/per/communication 沟通能力 C S -
F /assess/local_score 地方标准得分 C S -
F /assess/local_grade 地方等级 C S =
F /assess/adl_total 日常生活活动能力得分 S S <>
F /assess/cog_total 认知能力得分 S S <>
F /assess/per_total 感知觉与沟通能力得分 S S <>
F /assess/disability_grade 失能等级 S S =
F /assess/conclusion_no 评估结论书编号 C N =
F /assess/valid_from 结论生效日 C N <>
F /assess/valid_to 结论失效日 C N <>
F /assess/public_notice_end 公示截止日 C N <>
G /care/mode 护理方式 C N =
G /care/org_name 定点护理服务机构 C N T
G /care/org_code 机构医保代码 C N =
G /care/org_uscc 机构统一社会信用代码 C N =
G /care/start_date 服务起始日 C N <>
G /care/hours_per_month 月度服务时长 C N -
G /care/visits_per_week 每周上门次数 C N -
G /care/items/*/code 服务项目代码 C N =
G /care/items/*/name 服务项目名称 C N -
G /care/items/*/minutes 参考时长（分钟） C N -
G /care/items/*/frequency 服务频次 C N -
G /care/items/*/qualification 服务人员资质 C N -
G /care/caregiver_name 护理人员姓名 O P ~
G /care/plan_confirmed_at 参保人确认计划时间 C N <>
H /claim/claim_no 理赔（结算）单号 C N =
H /claim/benefit_type 待遇方式 C N =
H /claim/period_from 费用期起 C N <>
H /claim/period_to 费用期止 C N <>
H /claim/service_hours 服务小时数 C N -
H /claim/total_amount 费用总额（元） C P <>
H /claim/fund_pay 基金支付（元） C P <>
H /claim/self_pay 个人负担（元） C P -
H /claim/other_pay 其他支付（元） C P -
H /claim/pay_ratio 基金支付比例 C N -
H /claim/payee_name 收款人户名 C P ~
H /claim/bank_name 开户银行 C P -
H /claim/bank_card_no 银行账号 C S ~
H /claim/settle_step 结算环节 C N =
H /claim/refuse_reason 拒付原因 C P -
I /stat/metric_code 指标代码 C N =
I /stat/period 统计期 C N =
I /stat/region 统计区划 C N =
I /stat/value 指标值 C N <>
I /stat/unit 计量单位 C N -
I /stat/deidentified 已去标识化 C N -
I /stat/small_cell_rule 小样本抑制 C N -
J /consent/notice_version 告知书版本 M N =
J /consent/notice_at 告知时间 M N <>
J /consent/basis 处理依据 M N =
J /consent/general 同意处理个人信息 C P -
J /consent/sensitive 单独同意处理敏感信息 C P -
J /consent/signer 签署人 M P -
J /consent/method 签署方式 M N -
J /consent/evidence_ref 签署凭证 M S -
K /files/*/kind 材料类型 C N =
K /files/*/file_id 材料编号 C N =
K /files/*/sha256 材料指纹 C N -
K /files/*/pages 页数 O N -
K /statement/truthful 真实性声明 M N -
K /statement/remark 备注 O P -
"""
ROWS = [line.split() for line in LIST.strip().splitlines()]
CLASSES = (
    dict.fromkeys("ADFGK", "business") | dict.fromkeys("BCEJ", "customer") | {"H": "claim", "I": "statistics"}
)
SENSITIVITY = {"N": "none", "P": "personal", "S": "sensitive"}
INDEX = {"=": "exact", "~": "blind", "<>": "range", "T": "text", "-": "none"}
# Few possible values (a grade, a cause, a diagnosis) would show through an index: they have none.
SENSITIVE_INDEX = INDEX | {"=": "none", "<>": "none"}
SEALS = {"B": "identity", "C": "identity", "D": "identity", "E": "health", "F": "health", "H": "finance"}
FIELDS = reading.compiled().fields


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[1])
def test_a_field_of_the_list_stands_in_the_form_as_the_list_says(row: list[str]) -> None:
    section, pointer, label, _, personal, index = row
    field = FIELDS[pointer]
    indexes = SENSITIVE_INDEX if personal == "S" else INDEX
    assert (field.title, field.klass, field.sensitivity, field.index) == (
        label,
        CLASSES[section],
        SENSITIVITY[personal],
        indexes[index],
    )
    assert field.seal == ("identity" if pointer == "/care/caregiver_name" else SEALS.get(section, "other"))


def test_the_form_has_no_field_beyond_the_list() -> None:
    assert set(FIELDS) == {row[1] for row in ROWS}


def test_the_fields_written_by_the_system_are_the_computed_ones() -> None:
    assert {name for name, field in FIELDS.items() if field.is_computed} == {
        r[1] for r in ROWS if r[3] == "S"
    }


def _required_somewhere(schema: object) -> set[str]:
    """Pointers that some `required` of the schema or of its conditions names."""
    found: set[str] = set()

    def walk(part: object, at: str) -> None:
        if not isinstance(part, dict):
            return
        found.update(f"{at}/{name}" for name in part.get("required", ()))
        for name, inner in part.get("properties", {}).items():
            walk(inner, f"{at}/{name}")
        walk(part.get("items"), at + "/*")
        for condition in part.get("allOf", ()):
            walk(condition.get("then"), at)
            walk(condition.get("else"), at)

    walk(schema, "")
    return found


def test_mandatory_and_conditional_fields_are_asked_for_and_optional_ones_never() -> None:
    asked = _required_somewhere(reading.bundle().schema)
    # Asked for by a rule (V3, V6), or given a default.
    elsewhere = {
        "/entry/partner_uscc",
        "/assess/public_notice_end",
        "/claim/other_pay",
        "/care/caregiver_name",
    }
    by_need = {need: {row[1] for row in ROWS if row[3] == need} for need in "MCOS"}
    assert (by_need["M"] | by_need["C"]) - asked - elsewhere == set()
    assert (by_need["O"] | by_need["S"]) & asked == set()


def test_every_sensitive_field_and_every_name_is_masked() -> None:
    bare = [name for name, field in FIELDS.items() if field.sensitivity == "sensitive" and not field.mask]
    names = [name for name in FIELDS if name.endswith(("full_name", "payee_name", "caregiver_name"))]
    assert (bare, {FIELDS[name].mask for name in names}) == ([], {"name"})


def test_what_stays_in_clear_for_lists_is_nothing_personal() -> None:
    assert {FIELDS[pointer].sensitivity for pointer in reading.compiled().facets} == {"none"}


def test_numbers_with_decimals_are_texts() -> None:
    names = (
        "/claim/pay_ratio",
        "/care/hours_per_month",
        "/assess/local_score",
        "/stat/value",
        "/claim/fund_pay",
    )
    assert {FIELDS[name].type for name in names} == {"string"}


def test_the_id_number_fills_birth_date_sex_and_a_region_that_still_exists() -> None:
    form = reading.compiled()
    filled: dict[str, dict[str, object]] = {}
    for number in ("31019919420315026X", "310104194203150261"):
        filled[number] = {}
        for target, rule in form.fills["/insured/id_no"]:
            with form.bench.prepared(rule.reads, {"value": number}) as context:
                filled[number][target] = rule.evaluate(context)
    same = {"/insured/birth_date": "1942-03-15", "/insured/gender": "2"}
    assert filled == {
        "31019919420315026X": same | {"/insured/hukou_region": None},
        "310104194203150261": same | {"/insured/hukou_region": "310104"},
    }
