"""Where the keys are: which vault an installation has, and what answers while it is shut."""
