"""The address ``/``: leads on to the overview with the filters it came with."""

import streamlit as st

st.switch_page("overview.py", query_params=st.query_params.to_dict())
