"""Stub."""

from pages.ui.head import head
from pages.ui.session import open_page

page = open_page("funnel")
head(page)
