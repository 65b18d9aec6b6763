"""`fengjian verify`: the judgement of the public page, offline.

Decides nothing of its own; exit codes are those of the verification.
"""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from web.cli.speaking import language, print_json, say, stop
from web.verification.judge import judge
from web.verification.words import put_into_words


def run_verify(file: Path, trust: Path | None, as_json: bool) -> None:
    """Judge one file and end with 0 (all good), 1 (something is wrong) or 2 (cannot be judged)."""
    data = _read(file)
    pinned = _read(trust) if trust is not None else None
    case = judge(data, trust=pinned, now=datetime.now(UTC))
    if as_json:
        print_json(case.as_json())
        raise SystemExit(case.exit_code)
    shown = put_into_words(case, language(), say)
    print(f"{shown.icon} {shown.mark}\n{shown.sentence}\n")
    for one in shown.questions:
        print(f"{one.ask} {one.answer}")
    if shown.verdicts:
        print()
    for name, _, word, reason in shown.verdicts:
        print(f"  {name}  {word}  {reason}")
    for label, text in shown.document:
        print(f"  {label}  {text}")
    if shown.values:
        print(f"\n{say('verify.values')}")
    for label, text in shown.values:
        print(f"  {label}  {text}")
    if pinned is None and case.report is not None:
        print(f"\n{say('cli.verify.no_trust')}")
    raise SystemExit(case.exit_code)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        stop(say("cli.file", path=path))
