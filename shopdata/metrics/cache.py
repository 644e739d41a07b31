"""Answers kept for as long as the store has not changed: a repeated question costs nothing.

Answers hang on the store object itself and on its version; an import makes all of them new, and those of
older versions are let go. At most ``KEPT`` answers a store are held, the longest unused go first.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import TypeVar, cast
from weakref import WeakKeyDictionary

from shopdata.metrics.frame import Reads

KEPT = 512
Answer = TypeVar("Answer")
_kept: WeakKeyDictionary[Reads, OrderedDict[tuple[int, Hashable], object]] = WeakKeyDictionary()
_lock = Lock()


def remembered(store: Reads, question: Hashable, answer: Callable[[], Answer]) -> Answer:
    """The answer to ``question`` at the store's present version, computed at most once in the common case."""
    key = (store.version, question)
    with _lock:
        answers = _kept.setdefault(store, OrderedDict())
        if key in answers:
            answers.move_to_end(key)
            return cast(Answer, answers[key])
    fresh = answer()
    with _lock:
        for old in [one for one in answers if one[0] < key[0]]:
            del answers[old]
        answers[key] = fresh
        while len(answers) > KEPT:
            answers.popitem(last=False)
    return fresh


def forget(store: Reads) -> None:
    """Let go of every answer kept for ``store``; the next question of each kind is computed."""
    with _lock:
        _kept.pop(store, None)
