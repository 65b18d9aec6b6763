"""The shell: application, pages, API, command line, PDF, set-up. Decides how things look, and where to enter.

Never decides what is right or allowed: that is the engine's. This file imports nothing, because set-up
runs through it before any library is installed.
"""
