"""What nobody foresaw: status 3, a sentence, the place in the code; no traceback and no data."""

import pytest

from shopdata import cli, commands

CANARY = "13800138000"


def break_down(*_: object) -> int:
    raise RuntimeError(CANARY)


@pytest.mark.parametrize("where", ["a command", "the opening of the store"])
def test_a_fault_is_status_3_and_says_nothing_of_the_data(type_in, monkeypatch, where: str) -> None:
    if where == "a command":
        monkeypatch.setitem(commands.RUNS, "status", break_down)
    else:
        monkeypatch.setattr(cli, "open_store", break_down)
    finished = type_in("status", "--json")
    assert finished.status == 3
    assert finished.json()["error"]["code"] == "fault"
    assert "RuntimeError (cli/test_faults.py:" in finished.err
    assert "Traceback" not in finished.err
    assert CANARY not in finished.out + finished.err


def test_debugging_shows_the_whole_traceback(type_in, monkeypatch) -> None:
    monkeypatch.setitem(commands.RUNS, "status", break_down)
    monkeypatch.setenv("SHOPDATA_DEBUG", "1")
    assert "Traceback" in type_in("status").err
