"""The merchant's own formats: TOML files in a folder of the home, beside the built-in ones.

They are read anew whenever the folder changes. A file that is wrong is left out and named; it never stops
another format. Saving, taking in and deleting is for whoever imports, and is audited.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from sqlalchemy import func, select

from shopdata.errors import BadUsage, FormatBroken, NotAllowed, NotFound
from shopdata.imports.audit import record_action
from shopdata.imports.format_checks import check, check_apart
from shopdata.platforms import FOLDER as BUILT_IN_FOLDER
from shopdata.platforms import Format, formats
from shopdata.platforms.own import LARGEST, Stamp, read_own, stamp, with_own
from shopdata.scope import Scope
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.store.tables import imports

MAY_DESCRIBE = ("owner", "operator")
MOST = 200
SUFFIX = ".toml"
NAME = re.compile(r"[^\W_][\w-]{0,39}")
RESERVED = re.compile(r"con|prn|aux|nul|com\d|lpt\d")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every format there is. ``files``: good ones of the merchant; ``broken``: why others are not."""

    formats: Mapping[str, Format]
    files: tuple[Path, ...] = ()
    broken: tuple[FormatBroken, ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """Keys of the merchant's own formats."""
        return tuple(path.stem for path in self.files)


def catalogue(settings: Settings) -> Catalogue:
    """The built-in formats and those of the home's folder."""
    found = sorted(settings.formats.glob("*.toml")) if settings.formats.is_dir() else ()
    return _catalogue(tuple(stamp(path) for path in found if path.is_file()))


@lru_cache(maxsize=8)
def _catalogue(stamps: tuple[Stamp, ...]) -> Catalogue:
    good, broken = [], []
    for place, (path, _, _) in enumerate(stamps):
        try:
            if place >= MOST:
                raise FormatBroken("format_too_many", file=path.name, limit=MOST)
            if path.stem in formats() or path.stem != slug(path.stem):
                raise FormatBroken("format_name_taken", file=path.name, name=path.stem)
            check(read_own(path))
            good.append(path)
        except BadUsage as fault:
            broken.append(FormatBroken(fault.code, file=path.name, name=path.stem))
        except FormatBroken as fault:
            broken.append(fault)
    return Catalogue(with_own(good), tuple(good), tuple(broken))


def slug(name: str) -> str:
    """The key a format gets from the name people give it: letters and digits of any script, ``_`` and ``-``.

    Raises ``BadUsage`` ``format_name_invalid``; so a key is always the name of a file in the folder.
    """
    key = re.sub(r"\s+", "_", unicodedata.normalize("NFKC", name).strip().lower())
    if not NAME.fullmatch(key) or RESERVED.fullmatch(key):
        raise BadUsage("format_name_invalid", name=name[:60])
    return key


def free_name(settings: Settings, name: str) -> str:
    """The key for ``name``. Raises ``BadUsage`` where it is no name or another format has it."""
    key = slug(name)
    if key in formats() or (settings.formats / f"{key}.toml").exists():
        raise BadUsage("format_name_taken", file=f"{key}.toml", name=key)
    return key


def may_describe(role: str) -> bool:
    """Whether a role may add or delete formats."""
    return role in MAY_DESCRIBE


def save(store: Store, scope: Scope, name: str, text: str) -> str:
    """Keep the TOML ``text`` as the format ``name``; its key. Raises ``BadUsage`` for the name, and
    ``FormatBroken`` where the text is no format or could be confused with another one."""
    if not may_describe(scope.role):
        raise NotAllowed(role=scope.role)
    key = free_name(store.settings, name)
    now, folder = store.settings.now(), store.settings.formats
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with TemporaryDirectory(prefix="format-", dir=store.settings.temporary) as draft:
        path = Path(draft) / f"{key}.toml"
        path.write_text(text, encoding="utf-8")
        described = read_own(path)
        check(described)
        check_apart(described, catalogue(store.settings).formats.values())
        with store.write(figures=False) as connection:
            free_name(store.settings, key)
            record_action(connection, now, scope.user, "format_saved", role=scope.role, format=key)
            path.replace(folder / path.name)
    return key


def delete(store: Store, scope: Scope, key: str) -> None:
    """Remove a format of the merchant's own. Raises ``BadUsage`` ``format_in_use`` while standing
    imports were read with it: undoing one reads files again."""
    if not may_describe(scope.role):
        raise NotAllowed(role=scope.role)
    path, now = _file_of(store.settings, key), store.settings.now()
    used = select(func.count()).where(imports.c.format == key, imports.c.undone_at.is_(None))
    with store.write(figures=False) as connection:
        if count := connection.scalar(used):
            raise BadUsage("format_in_use", name=key, imports=count)
        record_action(connection, now, scope.user, "format_deleted", role=scope.role, format=key)
        path.unlink()


def _file_of(settings: Settings, key: str) -> Path:
    """The file of a format of the merchant's own, broken or not: only a name that stands in the folder."""
    for path in settings.formats.glob("*.toml") if settings.formats.is_dir() else ():
        if path.stem == key:
            return path
    raise NotFound(what=key)


def exported(settings: Settings, key: str) -> str:
    """The TOML text of a format. Raises ``NotFound``."""
    path = BUILT_IN_FOLDER / f"{key}.toml" if key in formats() else _file_of(settings, key)
    return path.read_text(encoding="utf-8")


def taken_in(store: Store, scope: Scope, path: Path, file_name: str) -> str:
    """Keep a format file from elsewhere under the name people know it by, ``file_name``; its key."""
    try:
        if path.stat().st_size > LARGEST:
            raise FormatBroken("format_too_large", file=file_name, limit=LARGEST >> 10)
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise FormatBroken("format_not_toml", file=file_name, detail="UTF-8") from fault
    except OSError as fault:
        raise FormatBroken("format_unreadable", file=file_name) from fault
    return save(store, scope, PurePosixPath(file_name).name.removesuffix(SUFFIX), text)
