"""The invented agency of `fengjian demo`: people of every role and documents moved through real events.

Decides who and what is invented. Uses the desk like everybody else: there is no second way to make a
document. Its secrets are printed on purpose, so nothing of it may ever be used for a real agency.
"""
