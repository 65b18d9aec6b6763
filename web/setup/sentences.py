"""What set-up says to people: decides the language, never the words; those stand in sentences.json.

Chinese where the terminal's locale is Chinese, English elsewhere: set-up also runs on consoles that
have no Chinese font.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

CATALOGUE = Path(__file__).with_name("sentences.json")


def say(key: str, **facts: object) -> str:
    """The sentence in the language of the terminal, with its facts filled in."""
    locale = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    sentence: str = json.loads(CATALOGUE.read_text("utf-8"))[key][
        "zh-CN" if locale.startswith("zh") else "en"
    ]
    return sentence.format(**facts)
