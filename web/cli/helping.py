"""`--help`, and what is wrong with a command line, in the language of the terminal.

Commands and options carry both languages in one text, `中文 / English`; this decides which half is shown.
Never changes what a command does.
"""

from __future__ import annotations

import sys
from typing import Any

from typer import Abort, BadParameter, Context
from typer.core import TyperGroup
from typer.main import get_command

from web.cli.speaking import CANNOT, language, say, stop

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


def run_in_one_language() -> None:
    """Run the command line; a wrong one ends with a sentence and exit code 2."""
    command = command_in_one_language()
    if len(sys.argv) == 1:
        command()
    try:
        code = command(standalone_mode=False)
    except Abort:
        raise SystemExit(1) from None
    except _WRONG as wrong:
        stop(_what_is_wrong(wrong), CANNOT)
    raise SystemExit(code if isinstance(code, int) else 0)


# The library's mother of all complaints about a command line; only its children are exported.
_WRONG: type[Exception] = BadParameter.__mro__[1]


def _what_is_wrong(wrong: Any) -> str:
    """The complaint in the terminal's language, and where the usage stands."""
    kind = type(wrong).__name__
    parameter = getattr(wrong, "param", None)
    name = parameter.opts[0] if parameter is not None and parameter.opts else ""
    key = {"NoSuchOption": "no_option", "MissingParameter": "missing", "BadParameter": "value"}.get(kind)
    if kind == "NoSuchOption":
        name = wrong.option_name
    elif key is None and (asked := _unknown_command(wrong)):
        key, name = "no_command", asked
    path = wrong.ctx.command_path if wrong.ctx is not None else "fengjian"
    return say(f"cli.usage.{key or 'words'}", name=name) + "\n" + say("cli.usage.help", command=path)


def _unknown_command(wrong: Any) -> str:
    """The word in the place of a command that is none."""
    first = next((word for word in sys.argv[1:] if not word.startswith("-")), "")
    is_group = wrong.ctx is not None and isinstance(wrong.ctx.command, TyperGroup)
    return first if is_group and first not in wrong.ctx.command.commands else ""


def _choose(command: Any) -> None:
    command.help = half(command.help)
    command.short_help = half(command.short_help)
    asks_for_help = command.get_help_option(Context(command))
    if asks_for_help is not None:
        asks_for_help.help = say("cli.usage.help_option")
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
