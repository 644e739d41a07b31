"""What the commands of the command line do with an open store. Grammar: ``parser``; JSON: ``documents``.

The same functions run in the process of the command line and in a running server (``shopdata.link``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from shopdata import link
from shopdata.commands import figures, flagged, formats, importing, ordering, parser, upkeep, watching
from shopdata.commands.analyses import ANALYSES
from shopdata.commands.context import Context, Options
from shopdata.commands.faults import Unforeseen
from shopdata.errors import ShopdataError
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.words import words
from shopdata.words.sentences import sentence

Run = Callable[[Context, Options], int]
RUNS: Mapping[str, Run] = {
    "import": importing.run,
    "formats": formats.run,
    "metrics": figures.run_metrics,
    "series": figures.run_series,
    **dict.fromkeys(ANALYSES, figures.run_analysis),
    "abnormal": flagged.run,
    "orders": ordering.run,
    "status": upkeep.run_status,
    "doctor": upkeep.run_doctor,
    "backup": upkeep.run_backup,
    "close-month": upkeep.run_close,
    "purge": upkeep.run_purge,
    "watch": watching.run_taken,
}


def report(context: Context, fault: ShopdataError) -> int:
    """Say what went wrong as a sentence, with ``--json`` also as the document. Returns the exit status."""
    text = sentence(fault, context.words)
    if context.as_json:
        context.document({"error": {"code": fault.code, "message": text}})
    context.tell(context.words("cli.error", sentence=text))
    return fault.exit_status


def run_here(command: link.Command, write: link.Write, store: Store, settings: Settings) -> int:
    """Run one command line against an open store; returns its exit status."""
    spoken = words(command.language)
    options = parser.parse(command.arguments, spoken)
    context = Context(
        store=store,
        settings=settings,
        words=spoken,
        folder=Path(command.folder),
        write=write,
        as_json=options.json,
        lines=command.lines,
        passwords=command.passwords,
    )
    with Unforeseen() as unforeseen:
        try:
            return RUNS[options.command](context, options)
        except ShopdataError as fault:
            return report(context, fault)
    context.tell(f"  {unforeseen.place}")
    return report(context, ShopdataError())
