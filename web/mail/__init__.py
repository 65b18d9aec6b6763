"""Notices as mail. Decides nothing here; `post_round` decides when, `letters` what, `post` how it goes out."""
