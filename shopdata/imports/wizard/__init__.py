"""Describing a file nobody knows, so that it becomes a format: from its headers and values to a TOML text.

``templates`` (what there is to describe) → ``guess`` (what a column may be) → ``draft`` (a whole proposal,
changed by people) → ``text`` (the TOML) → ``trial`` (the real parser on the real file). Knows no screen.
"""
