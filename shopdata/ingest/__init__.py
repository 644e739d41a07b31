"""Bytes of a file to typed rows and rejects, in a child process with limits. Knows formats, not the store.

``client.Parser`` is the door. Inside the child: ``opening`` (what kind of file) → ``csv_*`` and ``xlsx*``
(text rows) → ``formats`` (which export) → ``normalise`` (``convert``, ``rules``) → ``writer`` (Arrow files).
"""
