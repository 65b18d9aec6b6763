"""What lies beside the keyboard: example 1 told of another invented person today, and scans to attach.

Every test has a person of its own, so that no entry is the second open one about the same person.
"""

from __future__ import annotations

import copy
import io
import itertools
import json
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from PIL import Image
from stdnum.cn import ric

import schemas
from engine.identity import SHANGHAI
from forms.encode import encode
from forms.model import FormModel, Node, pattern_of
from web.assemble import load_registry
from web.models import model_of

Answers = dict[str, Any]
_numbers = itertools.count(600 + os.getpid() % 40)
_NAMES = ("钱玉珍", "孙长河", "周桂兰", "吴守义", "郑秀英", "冯德厚", "褚月娥", "卫国栋")
REFERENCES = ("/agent/authorization_ref", "/consent/evidence_ref")


def model() -> FormModel:
    """The compiled form."""
    return model_of(load_registry().get("info_entry", "1.0.0"))


def paper_order() -> list[str]:
    """The names of all controls in the order of the paper; list fields as `/health/diagnoses/*/code`."""
    out: list[str] = []

    def walk(node: Node) -> None:
        out.append(node.pattern)
        for _, member in node.members:
            walk(member)
        if node.item is not None:
            walk(node.item)

    for part in model().sections:
        for row in part.rows:
            for cell in row:
                walk(cell.node)
    return out


def in_paper_order(names: list[str]) -> bool:
    """Whether fields were met in the order of the paper, none twice except rows of one list."""
    order = paper_order()
    places = [order.index(at) for name in names if (at := pattern_of(name)) in order]
    return places == sorted(places) and len(set(names)) == len(names)


def example(name: str) -> Answers:
    """A filled example of the form version, as it stands."""
    file = schemas.root() / "info_entry" / "1.0.0" / "examples" / f"{name}.json"
    found: Answers = json.loads(file.read_bytes())["data"]
    return found


def example_one() -> Answers:
    """Example 1, keyed today, about a person nobody has entered before."""
    number = next(_numbers)
    answers = copy.deepcopy(example("ok-1-first-assessment"))
    now = datetime.now(SHANGHAI).replace(second=0, microsecond=0)
    answers["entry"]["collected_at"] = (now - timedelta(minutes=5)).isoformat()
    answers["consent"]["notice_at"] = (now - timedelta(minutes=8)).isoformat()
    year, month = (int(part) for part in answers["health"]["onset_month"].split("-"))
    answers["health"]["duration_months"] = (now.year - year) * 12 + now.month - month
    person = answers["insured"]
    body = f"31019919420315{number:03d}"
    person["gender"] = "1" if number % 2 else "2"
    person["id_no"] = body + ric.calc_check_digit(body + "0")
    person["full_name"] = _NAMES[number % len(_NAMES)]
    person["mobile"] = f"19900001{number:03d}"
    answers["insurance"]["psn_no"] = f"31000000000000071{number:03d}"
    return answers


def typed(answers: Answers) -> dict[str, list[str]]:
    """What a clerk types, chooses or ticks, by the name of the control; not what the server fills in."""
    form, out = model(), dict[str, list[str]]()
    for name, text in encode(form, answers):
        node = form.node(name)
        if name.startswith("/") and node is not None and not node.computed and not name.startswith("/files/"):
            out.setdefault(name, []).append(text)
    return out


def scan(folder: Path, number: int) -> Path:
    """A small picture; each number another one."""
    image = Image.new("RGB", (420, 280), (240, 238, 230))
    for line in range(6):
        image.paste((90 + number * 13 % 120, 100, 120), (30, 40 + line * 34, 360 - 20 * line, 44 + line * 34))
    file = folder / f"扫描{number}.png"
    out = io.BytesIO()
    image.save(out, "PNG")
    file.write_bytes(out.getvalue())
    return file
