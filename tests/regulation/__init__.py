"""The regulation, clause by clause: real people of the demo agency move real forms through their life."""
