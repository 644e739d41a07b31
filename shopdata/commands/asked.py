"""What every question is handed, and the declaration of an analysis; neither knows which ones there are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from shopdata.commands.questions import LOCAL, SCOPE, Asker, Texts
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.words import Words

Json = dict[str, object]
# The choices of a flag that stands alone on a command line; in a URL it is 1 or 0.
SWITCH = ("1", "0")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is put to, by whom, and in which language labels come back."""

    store: Store
    settings: Settings
    words: Words
    asker: Asker = LOCAL


@dataclass(frozen=True, slots=True)
class Analysis:
    """An analysis as the command line and the API know it: its name is the command and the path.

    ``ask`` gives the document ``{data_up_to, currency, rows: [{key, label, …}], total}``. ``flags`` are its
    parameters beyond those of a scope, each with what it may be (nothing: any text); they are explained by
    ``cli.flags.NAME``. ``columns`` are the keys of a row a terminal shows, as far as the rows carry them,
    with their unit (``fen``, ``hours``, ``ratio``, ``""``); metrics need none: theirs is in the catalogue.
    Where columns hold figures of several
    units, each row names its own under ``unit``. A heading is the metric's name, else ``cli.columns.KEY``.
    """

    name: str
    ask: Callable[[Asked, Texts], Json]
    columns: Mapping[str, str]
    flags: Mapping[str, tuple[str, ...]] | None = None
    scope: tuple[str, ...] = SCOPE

    @property
    def parameters(self) -> tuple[str, ...]:
        """Every parameter it takes."""
        return (*self.scope, *(self.flags or {}))
