"""Where things are and what time it is: read once from the environment, then handed on."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

DEFAULT_ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Settings:
    """The environment as the product understands it (see docs/operators.md)."""

    home: Path
    database_url: str
    fixed_now: datetime | None = None
    sample: bool = True

    def now(self, zone: str = DEFAULT_ZONE) -> datetime:
        """The wall clock of a shop in ``zone`` as a naive time, or the fixed time of ``SHOPDATA_NOW``."""
        return self.fixed_now or datetime.now(ZoneInfo(zone)).replace(tzinfo=None)

    @property
    def database_file(self) -> Path:
        """The DuckDB file behind the default engine."""
        return Path(self.database_url.removeprefix("duckdb:///"))

    @property
    def lock_file(self) -> Path:
        """The whole-file lock that says which process owns the store."""
        return self.home / "store.lock"

    @property
    def temporary(self) -> Path:
        """Uploads in work and spill files; emptied at start."""
        return self.home / "tmp"

    @property
    def formats(self) -> Path:
        """Formats the merchant described, beside the built-in ones."""
        return self.home / "formats"

    @property
    def evidence(self) -> Path:
        """Files attached to cases, named by their hash."""
        return self.home / "evidence"

    @property
    def uploads(self) -> Path:
        """Imported files as they came, named by their hash, kept until ``purge``."""
        return self.home / "uploads"


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the ``SHOPDATA_*`` variables; relative paths are against the current folder."""
    home = Path(environment.get("SHOPDATA_HOME") or "data").expanduser().absolute()
    fixed = environment.get("SHOPDATA_NOW")
    return Settings(
        home=home,
        database_url=environment.get("SHOPDATA_DATABASE_URL") or f"duckdb:///{home / 'shopdata.duckdb'}",
        fixed_now=datetime.fromisoformat(fixed).replace(tzinfo=None) if fixed else None,
        sample=(environment.get("SHOPDATA_SAMPLE") or "1") != "0",
    )
