"""The use cases, and the one door for writes: page, API, import and command line all come through here.

Decides the order of a use case: right, version, state, guard, signature, append. Never draws, never stores.
"""
