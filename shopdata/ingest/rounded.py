"""Ids that Excel rounded to fifteen digits and then wrote out in full, so that they end in zeros.

One id that ends in four zeros proves nothing. When (nearly) all long ids of a column do, a program has
rounded them: by chance that happens to one id in ten thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

ZEROS = "0000"
WRITTEN_OUT = "^[1-9][0-9]{14}0{4,}$"
FEWEST = 3
NEARLY_ALL = 0.9


class Rounded(Exception):
    """The columns named in ``args`` hold rounded ids: the file is read again, refusing those."""


def written_out(ids: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Which ids have fifteen digits and then nothing but zeros."""
    mask = pc.ends_with(ids, ZEROS).fill_null(False).to_numpy(zero_copy_only=False)
    if mask.any():
        mask = mask & pc.match_substring_regex(ids, WRITTEN_OUT).fill_null(False).to_numpy(
            zero_copy_only=False
        )
    return np.asarray(mask, bool)


def count(name: str, ids: pa.StringArray, counts: Counter[str]) -> None:
    """Count the ids of column ``name`` and those that may have been rounded."""
    counts[f"ids {name}"] += len(ids) - ids.null_count
    counts[f"zeros {name}"] += int(written_out(ids).sum())


def judged(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Columns whose ids were rounded beyond doubt."""
    names = [
        key.removeprefix("zeros ")
        for key, zeros in counts.items()
        if key.startswith("zeros ") and zeros >= FEWEST
    ]
    return tuple(name for name in names if counts[f"zeros {name}"] >= NEARLY_ALL * counts[f"ids {name}"])
