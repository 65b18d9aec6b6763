"""The command `fengjian`: names and options of architecture §6, one file per family of commands.

Decides only what is on the command line. Commands import what they need when they run, so that `fengjian
verify` starts in well under half a second.
"""

from __future__ import annotations


def main() -> None:
    """The entry point of the installed command."""
    from web.cli.helping import run_in_one_language

    run_in_one_language()
