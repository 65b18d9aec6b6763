"""`python -m web.verifier.build`: one script for the public page and one HTML file that needs no network.

Decides which words go in (those of the first verifier and of its page, taken from where they are written) and
ties the HTML file's script and style to their digests, so that nothing else can run in it. Never fetches.
"""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
from pathlib import Path

from engine.trust import sentences

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MADE = ROOT / "web" / "static" / "vendor"
SCRIPT = MADE / "verifier.js"
PAGE = MADE / "fengjian-verifier.html"
CATALOGUE = ROOT / "build" / "verifier-catalogue.json"
STYLES = ("tokens.css", "base.css", "form.css", "table.css", "verify.css")
# The oldest browsers of the agencies' desks (experience.md 2.2) and their contemporaries.
TARGETS = "chrome90,firefox100,safari15"


def catalogue() -> dict[str, object]:
    """The words of the verifier: of the verdicts, and the page's own in both languages."""
    page = {
        lang: json.loads((ROOT / "web" / "messages" / f"verify.{lang}.json").read_text("utf-8"))
        for lang in ("zh-CN", "en")
    }
    return {"titles": sentences.TITLES, "sentences": sentences.SENTENCES, "page": page}


def build() -> None:
    """Write the script and the page. Raises CalledProcessError or StopIteration when esbuild cannot."""
    CATALOGUE.parent.mkdir(exist_ok=True)
    MADE.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text(json.dumps(catalogue(), ensure_ascii=False), "utf-8")
    # The program itself, not its wrapper: no Node.js is needed here.
    program = next((ROOT / "node_modules" / "@esbuild").glob("*/bin/esbuild"))
    subprocess.run(
        [
            program, HERE / "page.mjs", "--bundle", "--minify", "--charset=utf8", "--format=iife",
            f"--target={TARGETS}", "--legal-comments=inline", "--log-level=warning",
            f"--alias:fengjian-catalogue={CATALOGUE}", f"--outfile={SCRIPT}",
        ],
        check=True,
    )  # fmt: skip
    PAGE.write_text(_page(SCRIPT.read_text("utf-8")), "utf-8")


def _page(script: str) -> str:
    if "</script" in script or "<!--" in script:
        raise OSError("the script would end inside its own element")
    style = "\n".join((ROOT / "web" / "static" / "css" / name).read_text("utf-8") for name in STYLES)
    page = (HERE / "offline.html").read_text("utf-8")
    for name, text in (
        ("script_hash", _digest(script)), ("style_hash", _digest(style)),
        ("style", style), ("script", script),
    ):  # fmt: skip
        page = page.replace("{" + name + "}", text)
    return page


def _digest(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def with_trust(page: str, trust: bytes) -> str:
    """The page holding this trust.json, for those who take it from the agency itself."""
    mark = '<meta name="fengjian-trust" content="'
    return page.replace(mark, mark + base64.b64encode(trust).decode(), 1)


def main() -> int:
    """Build; 1 after saying what stopped it."""
    try:
        build()
    except (subprocess.CalledProcessError, StopIteration, OSError) as fault:
        print(f"esbuild: {fault!r}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
