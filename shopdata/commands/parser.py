"""The command line's grammar: every command and flag, declared once. What they do is in the other modules."""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable, Sequence
from typing import NoReturn

from shopdata import __version__
from shopdata.commands.analyses import ANALYSES
from shopdata.commands.asked import SWITCH, Analysis
from shopdata.commands.questions import ORDER_FILTERS, SCOPE, STEPS
from shopdata.errors import BadUsage
from shopdata.metrics.dimensions import DIMENSIONS
from shopdata.words import Words

USAGE_ERRORS = (
    (r"the following arguments are required: (?P<names>.*)", "required"),
    (r"unrecognized arguments: (?P<names>.*)", "unrecognized"),
    (r"argument (?P<name>.*?): invalid choice: (?P<value>.*?) \(choose from (?P<choices>.*)\)", "choice"),
    (r"argument (?P<name>.*?): invalid .*? value: (?P<value>.*)", "value"),
    (r"argument (?P<name>.*?): expected .*", "expected"),
)


class Parser(argparse.ArgumentParser):
    """argparse that speaks the reader's language and raises instead of leaving."""

    def __init__(self, *, words: Words, **options: object) -> None:
        super().__init__(add_help=False, allow_abbrev=False, **options)  # type: ignore[arg-type]
        self.words = words
        self._positionals.title = words("cli.arguments")
        self._optionals.title = words("cli.options")
        self.add_argument("-h", "--help", action="help", help=words("cli.help_help"))

    def format_usage(self) -> str:
        """One line of usage under the reader's heading."""
        return super().format_usage().replace("usage: ", self.words("cli.usage"), 1)

    def format_help(self) -> str:
        """The help under the reader's headings."""
        return super().format_help().replace("usage: ", self.words("cli.usage"), 1)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the arguments, in words."""
        for pattern, key in USAGE_ERRORS:
            if found := re.fullmatch(pattern, message):
                raise BadUsage(detail=self.words(f"cli.usage_error.{key}", **found.groupdict()))
        raise BadUsage(detail=self.words("cli.usage_error.other", detail=message))


Add = Callable[[argparse.ArgumentParser, Words], None]


def _flag(parser: argparse.ArgumentParser, words: Words, name: str, **options: object) -> None:
    flag, explained = f"--{name.replace('_', '-')}", words(f"cli.flags.{name.replace('-', '_')}")
    parser.add_argument(flag, help=explained, **options)  # type: ignore[arg-type]


def _period(parser: argparse.ArgumentParser, words: Words) -> None:
    for name in SCOPE:
        _flag(parser, words, name, action="append", default=[], metavar="…")


def _import(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("paths", nargs="+", metavar="PATH", help=words("cli.flags.path"))
    _flag(parser, words, "shop", metavar="…")
    _flag(parser, words, "format", metavar="KEY")
    _flag(parser, words, "password-file", metavar="FILE|-")


def _formats(parser: argparse.ArgumentParser, words: Words) -> None:
    actions = ("check", "new", "export", "import", "delete")
    parser.add_argument("action", nargs="?", choices=actions, help=words("cli.flags.formats_action"))
    parser.add_argument("file", nargs="?", metavar="FILE|KEY", help=words("cli.flags.formats_file"))
    _flag(parser, words, "set", action="append", default=[], metavar="X=Y")
    _flag(parser, words, "name", metavar="…")
    _flag(parser, words, "save", action="store_true")
    _flag(parser, words, "out", metavar="FILE")


def _metrics(parser: argparse.ArgumentParser, words: Words) -> None:
    _period(parser, words)
    _flag(parser, words, "by", action="append", default=[], metavar="|".join(DIMENSIONS))


def _series(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("metric", metavar="METRIC", help=words("cli.flags.metric"))
    _period(parser, words)
    _flag(parser, words, "by", action="append", default=[], metavar="|".join(STEPS))
    _flag(parser, words, "forecast", action="append", default=[], metavar="N")


def _analysis(analysis: Analysis) -> Add:
    def add(parser: argparse.ArgumentParser, words: Words) -> None:
        for name in analysis.scope:
            _flag(parser, words, name, action="append", default=[], metavar="…")
        for name, choices in (analysis.flags or {}).items():
            if choices is SWITCH:
                _flag(parser, words, name, action="append_const", const=SWITCH[0], default=[])
            else:
                _flag(parser, words, name, action="append", default=[], metavar="|".join(choices) or "…")

    return add


def _orders(parser: argparse.ArgumentParser, words: Words) -> None:
    _period(parser, words)
    for name in (*ORDER_FILTERS, "fields", "limit", "sort"):
        flag = "--" + name.replace("_", "-")
        parser.add_argument(
            flag, dest=name, action="append", default=[], metavar="…", help=words(f"cli.flags.{name}")
        )
    _flag(parser, words, "out", metavar="FILE")
    _flag(parser, words, "reveal", action="store_true")


def _file(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("file", metavar="FILE", help=words("cli.flags.backup_file"))


def _watch(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("folder", metavar="FOLDER", help=words("cli.flags.folder"))


def _purge(parser: argparse.ArgumentParser, words: Words) -> None:
    _flag(parser, words, "before", required=True, metavar="D")


def _close(parser: argparse.ArgumentParser, words: Words) -> None:
    parser.add_argument("month", metavar="YYYY-MM", help=words("cli.flags.month"))
    _flag(parser, words, "shop", required=True, metavar="…")


def _nothing(parser: argparse.ArgumentParser, words: Words) -> None:
    """A command without arguments of its own."""


def _serve(parser: argparse.ArgumentParser, words: Words) -> None:
    _flag(parser, words, "port", type=int, default=8501, metavar="8501")
    _flag(parser, words, "address", default="127.0.0.1", metavar="127.0.0.1")


COMMANDS: dict[str, Add] = {
    "import": _import,
    "formats": _formats,
    "metrics": _metrics,
    "series": _series,
    **{name: _analysis(analysis) for name, analysis in ANALYSES.items()},
    "orders": _orders,
    "status": _nothing,
    "doctor": _nothing,
    "backup": _file,
    "restore": _file,
    "close-month": _close,
    "purge": _purge,
    "watch": _watch,
    "serve": _serve,
}


def build(words: Words) -> Parser:
    """The whole grammar in the language of ``words``."""
    parser = Parser(words=words, prog="python -m shopdata", description=words("cli.description"))
    parser.add_argument(
        "--version", action="version", version=f"shopdata {__version__}", help=words("cli.version")
    )
    commands = parser.add_subparsers(
        parser_class=Parser, dest="command", required=True, metavar="COMMAND", title=words("cli.commands")
    )
    for name, add in COMMANDS.items():
        text = words(f"cli.command.{name}")
        command = commands.add_parser(name, words=words, help=text, description=text)
        add(command, words)
        command.add_argument("--json", action="store_true", help=words("cli.json_help"))
        command.add_argument("--lang", choices=("zh", "en"), help=words("cli.lang_help"))
    return parser


def parse(arguments: Sequence[str], words: Words) -> argparse.Namespace:
    """Arguments as a namespace; raises ``BadUsage``."""
    return build(words).parse_args(list(arguments))


def texts(options: argparse.Namespace, names: Sequence[str]) -> dict[str, list[str]]:
    """The flags of a question as the texts its parameters are read from."""
    given = {name: getattr(options, name, None) for name in names}
    return {name: [value] if isinstance(value, str) else value for name, value in given.items() if value}
