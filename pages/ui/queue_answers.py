"""Answers about the queue, remembered for a minute: cases and the clock move it, not only imports."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

from pages.ui.session import Page
from shopdata.abnormal.summary import state_of_queue
from shopdata.store import Store

Answer = TypeVar("Answer")


def ask(page: Page, question: Callable[..., Answer], *given: Hashable, **named: Hashable) -> Answer:
    """``question(store, …)``, remembered until the store changes, somebody does something, what waits is
    judged or a minute is over."""
    minute = page.now.replace(second=0, microsecond=0)
    answer: Answer = page.ask(_then, minute, state_of_queue(page.store), question, *given, **named)
    return answer


def _then(
    store: Store,
    _minute: Hashable,
    _state: Hashable,
    question: Callable[..., Answer],
    *given: Hashable,
    **named: Hashable,
) -> Answer:
    return question(store, *given, **named)
