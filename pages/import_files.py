"""Import: drop files, see what they are, import them, look back, take an import out again."""

import streamlit as st

from pages.ui import (
    head,
    import_calendar,
    import_history,
    import_jobs,
    import_todo,
    import_upload,
    own_formats,
    unknown_words,
)
from pages.ui.session import open_page

page = open_page("import")
head.head(page, (), days=False)

import_upload.drop_zone(page)
import_jobs.jobs(page)
import_upload.waiting_list(page)
unknown_words.section(page)
if page.up_to is not None:
    import_todo.todo(page)
    import_calendar.show(page)
import_history.show(page)
own_formats.show(page)
if not page.every_shop:
    st.caption(page.words("pages.import.first_time"))
