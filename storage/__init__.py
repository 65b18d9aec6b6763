"""Adapters behind engine.ports: journal files, the TinyDB projection, drafts, blobs, people, access, vault.

Decides how values lie on the disk of one machine. Never decides who may do what: that is the engine's.
"""
