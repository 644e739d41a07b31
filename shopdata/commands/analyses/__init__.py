"""The analyses the command line and the API answer: one module each, which declares ``ANALYSIS``.

A new one is a new module here, its words (``cli.command.NAME``, ``docs``) and nothing else: grammar, route,
OpenAPI and the generated lists follow from the declaration.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules

from shopdata.commands.asked import Analysis


def _declared() -> Iterator[Analysis]:
    for module in iter_modules(__path__):
        yield import_module(f"{__name__}.{module.name}").ANALYSIS


ANALYSES: Mapping[str, Analysis] = {analysis.name: analysis for analysis in _declared()}
