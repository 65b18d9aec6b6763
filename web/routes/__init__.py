"""Routes by screen family: read, decode, call one use case, render."""
