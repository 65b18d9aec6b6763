"""Invented attachments: small one-page pictures that say what they stand for.

Decides their look only. Never resembles a real paper: no emblem, no seal, the word 示范 on every one.
"""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from web.pdf.fonts import faces

TITLES = {
    "id_card": "身份证件（示范）", "agent_id": "代理人身份证件（示范）",
    "authorization": "授权委托书（示范）", "consent": "告知同意书（示范）",
    "medical_record": "病历资料（示范）", "conclusion": "评估结论书（示范）",
    "video": "影像资料说明（示范）", "plan": "护理服务计划（示范）", "invoice": "票据（示范）",
    "bank_proof": "银行账户证明（示范）",
}  # fmt: skip
_SIZE = (560, 360)


def picture(kind: str, file_id: str, whose: str) -> bytes:
    """A PNG for one attachment; different for each person and file, so that digests differ."""
    image = Image.new("RGB", _SIZE, "#fbfaf5")
    draw = ImageDraw.Draw(image)
    draw.rectangle((12, 12, _SIZE[0] - 13, _SIZE[1] - 13), outline="#8a94a3", width=2)
    large, small = _font(30), _font(18)
    draw.text((40, 60), TITLES.get(kind, "附件（示范）"), fill="#1c2430", font=large)
    draw.text((40, 130), f"编号 {file_id}", fill="#545e6c", font=small)
    draw.text((40, 165), f"登记 {whose}", fill="#545e6c", font=small)
    for line in range(4):
        height = 220 + 26 * line
        draw.line((40, height, _SIZE[0] - 60 - 40 * (line % 2), height), fill="#c9d0d9", width=3)
    out = BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    found = faces()
    if not found:
        return ImageFont.load_default()
    return ImageFont.truetype(str(found[-1].path), size, index=found[-1].index)
