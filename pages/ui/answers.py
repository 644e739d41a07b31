"""Answers to questions, remembered by question and store version: a repeat costs nothing.

The key is the question itself, never a hash of its data; answers are frozen, so they can be shared.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Protocol, TypeVar

Answer = TypeVar("Answer")
KEPT = 512


class Versioned(Protocol):
    """What knows when its answers grow old: the open store."""

    @property
    def version(self) -> int: ...


_answers: OrderedDict[Hashable, Any] = OrderedDict()
_lock = Lock()


def ask(store: Versioned, question: Callable[..., Answer], *given: Hashable, **named: Hashable) -> Answer:
    """``question(store, *given, **named)``, from memory if the store has not changed since."""
    asked = (question.__module__, question.__qualname__, given, tuple(sorted(named.items())))
    key = (id(store), store.version, asked)
    with _lock:
        if key in _answers:
            _answers.move_to_end(key)
            return _answers[key]  # type: ignore[no-any-return]
    answer = question(store, *given, **named)
    with _lock:
        _answers[key] = answer
        while len(_answers) > KEPT:
            _answers.popitem(last=False)
    return answer
