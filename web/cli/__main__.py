"""`python -m web.cli` is `fengjian`."""

from web.cli import main

main()
