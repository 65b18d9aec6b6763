"""Notices as mail: `post_round` decides when, `letters` what, `post` how it goes out."""
