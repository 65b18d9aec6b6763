"""Stand-ins for the outside world, as good as the real thing for tests: see tests/contracts."""
