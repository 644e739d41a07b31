"""Every exception the product raises on purpose.

A class stands for one cause; its docstring says what it means. The sentence a shopkeeper reads is in the
word files under ``errors.<code>`` and is filled with ``details``; nothing here is shown as it stands.
"""

from __future__ import annotations


class ShopdataError(Exception):
    """Something the product knows how to explain. ``code`` names the sentence, ``details`` fill it."""

    code = "fault"
    exit_status = 3

    def __init__(self, code: str | None = None, /, **details: object) -> None:
        self.code = code or type(self).code
        self.details = details
        super().__init__(f"{self.code} {details}" if details else self.code)


class Refused(ShopdataError):
    """A file was refused as a whole: nothing of it is stored. ``code`` is a refusal code of the contract."""

    code = "not_a_table"
    exit_status = 2


class FormatBroken(ShopdataError):
    """The description of a file format contradicts itself, the store or another format."""

    code = "format_not_toml"
    exit_status = 2


class BadUsage(ShopdataError):
    """A command, filter or request that cannot be meant: an unknown metric, a day that does not exist."""

    code = "bad_usage"
    exit_status = 2


class NotFound(ShopdataError):
    """The thing asked for (a shop, an import, an order) is not in the store."""

    code = "not_found"
    exit_status = 2


class NotAllowed(ShopdataError):
    """The role of who asks does not cover this."""

    code = "not_allowed"
    exit_status = 2


class MetricUnavailable(ShopdataError):
    """A figure needs a file nobody has uploaded; ``details['file']`` is the kind of file."""

    code = "metric_unavailable"
    exit_status = 2


class NotSent(ShopdataError):
    """A message did not get to the robot it was meant for."""

    code = "robot_unreachable"


class StoreError(ShopdataError):
    """The store cannot do what was asked of it: disk, damage, a schema from the future."""

    code = "store_fault"


class StoreLocked(StoreError):
    """Another process owns the store."""

    code = "store_locked"


class StoreDamaged(StoreError):
    """The store holds other figures than the import log says it should."""

    code = "store_damaged"


class DiskFull(StoreError):
    """There is no room left; what was being written is not stored."""

    code = "disk_full"


class Unsupported(StoreError):
    """This engine has no such construct. Raised at start, never at the first click."""

    code = "unsupported"


class ServerStopped(ShopdataError):
    """The running server took a command and went away before it said how the command ended."""

    code = "server_stopped"
