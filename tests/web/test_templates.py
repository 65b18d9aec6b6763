"""Every sentence that a template or a route asks for is written, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

from web.messages import LANGUAGES, read_catalogue
from web.templating import HERE

ASKED = re.compile(r"""\b(?:t|say)\(\s*(["'])([a-z][a-zA-Z0-9_.]*)\1\s*[,)]""")


def test_every_sentence_that_is_asked_for_is_written_in_both_languages() -> None:
    every: list[Path] = [*HERE.rglob("*.html"), *HERE.rglob("*.py")]
    theirs = {HERE / "setup", HERE / "static" / "vendor"}  # set-up has its own catalogue; vendor is built
    sources = [source for source in every if not theirs & set(source.parents)]
    asked = {found[1] for source in sources for found in ASKED.findall(source.read_text(encoding="utf-8"))}
    assert len(asked) > 150
    catalogue = read_catalogue()
    missing = {lang: sorted(asked - set(catalogue.sentences[lang])) for lang in LANGUAGES}
    assert missing == {lang: [] for lang in LANGUAGES}


def test_every_error_page_has_words_of_its_own() -> None:
    catalogue = read_catalogue()
    codes = ("400", "401", "403", "404", "405", "409", "413", "422", "423", "429", "500", "503", "broken")
    assert [code for code in codes if not catalogue.knows(f"error.{code}.do")] == []
