"""How versions of a form change: what changed, what it breaks, how old answers are read, which is in force."""
