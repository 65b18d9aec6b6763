"""`--help` in the language of the terminal.

Commands and options carry both languages in one text, `中文 / English`; this decides which half is shown.
Never changes what a command does.
"""

from __future__ import annotations

import sys
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from web.cli.speaking import language

BETWEEN = " / "
_PANELS = {"ARGUMENTS_PANEL_TITLE": "参数", "OPTIONS_PANEL_TITLE": "选项", "COMMANDS_PANEL_TITLE": "命令"}


def command_in_one_language() -> Any:
    """The whole command line with help in the terminal's language."""
    from web.cli.commands import app

    command = get_command(app)
    if language() != "en" and ("--help" in sys.argv or len(sys.argv) == 1):
        from typer import rich_utils  # 0.1 s that no other command has to wait

        for name, title in _PANELS.items():
            setattr(rich_utils, name, title)
    _choose(command)
    return command


def _choose(command: Any) -> None:
    command.help = half(command.help)
    command.short_help = half(command.short_help)
    for parameter in command.params:
        if isinstance(getattr(parameter, "help", None), str):
            parameter.help = half(parameter.help)
    if isinstance(command, TyperGroup):
        for one in command.commands.values():
            _choose(one)


def half(text: str | None) -> str | None:
    """The half of a text in the terminal's language; a text that is not in two halves as it is."""
    if text is None or text.count(BETWEEN) != 1:
        return text
    chinese, english = text.split(BETWEEN)
    return english[:1].upper() + english[1:] if language() == "en" else chinese
