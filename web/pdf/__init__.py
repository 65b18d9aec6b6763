"""Written output: pages laid out as PDF in processes of their own.

Decides how a page becomes a file: fonts, limits, attachments, fixed dates. Never decides what stands on a
page (forms.paper and the templates do that), and never reads a document, a key or the network.
"""
