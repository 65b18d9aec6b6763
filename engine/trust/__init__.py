"""How documents are signed, sealed, chained and verified; every byte is described in docs/format.md.

Needs the standard library, PyNaCl and `engine.errors`, nothing else, so that a verifier installs alone.
Never reads a disk, a clock, a network or a source of randomness: nonces, seeds and times are arguments.
"""
