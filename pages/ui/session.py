"""The beginning of every page: who asks (the guard's word, read once), in which language, about what.

``open_page`` refuses where the guard's mark is missing, so a page opened around the door shows nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeVar

import streamlit as st

from pages.ui import answers, filters
from shopdata.imports.coverage import data_up_to
from shopdata.imports.scoping import Shop, all_shops, counting_shops
from shopdata.scope import Basis, Scope
from shopdata.settings import Settings
from shopdata.store import Store
from shopdata.web import identity, state
from shopdata.words import LANGUAGES, Words, words
from shopdata.words.sentences import language_of

LANGUAGE, COOKIE = "language", "shopdata_language"
FRESH = timedelta(days=1)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Page:
    """What a page needs to ask and to speak."""

    name: str
    words: Words
    store: Store
    settings: Settings
    who: identity.Identity
    filters: filters.Filters
    shops: tuple[Shop, ...]
    every_shop: tuple[Shop, ...]
    now: datetime
    up_to: datetime | None

    @property
    def last_day(self) -> date:
        """The newest day that can hold data: today, or the day the files reach."""
        return min(self.up_to.date(), self.now.date()) if self.up_to else self.now.date()

    @property
    def is_today(self) -> bool:
        """Whether the files reach today."""
        return self.last_day == self.now.date()

    @property
    def is_old(self) -> bool:
        """Whether the files end more than a day ago."""
        return self.up_to is not None and self.now - self.up_to > FRESH

    @property
    def shows_sample(self) -> bool:
        """Whether the figures of this page are the sample's."""
        return bool(self.asked_shops) and all(shop.is_sample for shop in self.asked_shops)

    @property
    def currency(self) -> str:
        """The currency of the shops asked about (the first one where they differ)."""
        return self.asked_shops[0].currency if self.asked_shops else "CNY"

    @property
    def asked_shops(self) -> tuple[Shop, ...]:
        """The shops the page asks about."""
        chosen = tuple(shop for shop in self.every_shop if shop.id == self.filters.shop)
        return chosen or self.shops

    def name_of(self, user: str) -> str:
        """A user as people read it."""
        return self.words("ui.local_user") if user == "local" else user

    @property
    def asker(self) -> Scope:
        """Who asks, without shops or days: for changes and for what no filter narrows."""
        return Scope(user=self.who.user, role=self.who.role)

    def scope(self, basis: Basis = "placed") -> Scope:
        """The question's frame under the shared filters."""
        return self.filters.scope(self.asker, self.last_day, basis)

    def ask(self, question: Callable[..., Answer], *given: Hashable, **named: Hashable) -> Answer:
        """``question(store, …)``, remembered until the store changes."""
        return answers.ask(self.store, question, *given, **named)


def chosen_words() -> Words:
    """The words of this session: as chosen, else as the cookie remembers, else as the browser prefers."""
    if LANGUAGE not in st.session_state:
        held = st.context.cookies.get(COOKIE)
        st.session_state[LANGUAGE] = held if held in LANGUAGES else language_of(st.context.locale)
    return words(st.session_state[LANGUAGE])


def _every_shop(store: Store) -> tuple[Shop, ...]:
    with store.read() as connection:
        return all_shops(connection)


def _counting_shops(store: Store) -> tuple[Shop, ...]:
    with store.read() as connection:
        return counting_shops(connection)


def open_page(name: str) -> Page:
    """Begin the page ``name``; stops it with a sentence where the guard did not let its reader in."""
    spoken = chosen_words()
    who = identity.of_user(st.user.to_dict())
    if who is None:
        st.error(spoken("ui.guard_missing"))
        st.stop()
    opened = state.opened()
    store = opened.store
    chosen = filters.sync()
    counting = answers.ask(store, _counting_shops)
    asked = (chosen.shop,) if chosen.shop else tuple(shop.id for shop in counting)
    return Page(
        name=name,
        words=spoken,
        store=store,
        settings=opened.settings,
        who=who,
        filters=chosen,
        shops=counting,
        every_shop=answers.ask(store, _every_shop),
        now=opened.settings.now(counting[0].zone) if counting else opened.settings.now(),
        up_to=answers.ask(store, data_up_to, asked),
    )
