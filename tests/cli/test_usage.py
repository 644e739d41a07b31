"""What the command line says to what cannot be meant: a sentence, exit status 2, nothing stored."""

import subprocess
import sys
from pathlib import Path

import pytest

from shopdata.commands import parser
from shopdata.words import LANGUAGES, words
from tests.serving import ROOT, environment

CONTRACT_COMMANDS = (
    "import", "formats", "metrics", "series", "funnel", "sources", "logistics", "warehouse", "commissions",
    "customers", "products", "inventory", "money", "platforms", "abnormal", "orders", "status", "doctor",
    "backup", "restore", "purge", "watch",
)  # fmt: skip
NOT_YET = ("report", "user", "token", "audit")
SENSELESS = (
    ("metrics", "--from", "yesterday"),
    ("metrics", "--from", "20261101"),
    ("metrics", "--from", "2026-02-30"),
    ("metrics", "--from", "2026-11-02", "--to", "2026-11-01"),
    ("metrics", "--basis", "loved"),
    ("metrics", "--by", "mood"),
    ("metrics", "--platform", "amazon"),
    ("metrics", "--source", "television"),
    ("metrics", "--shop", "nobody"),
    ("metrics", "--from", "2026-11-01", "--from", "2026-11-02"),
    ("series", "no_such_metric"),
    ("series", "paid_amount", "--by", "hour"),
    ("series", "paid_amount", "--forecast", "91"),
    ("orders", "--limit", "0"),
    ("orders", "--limit", "many"),
    ("orders", "--sort", "beauty"),
    ("orders", "--fields", "order_id,colour"),
    ("orders", "--statuses", "happy"),
    ("orders", "--amount-min", "1.5"),
    ("orders", "--out", "orders.pdf"),
    ("orders", "--out", "nowhere/at/all.csv"),
    ("formats", "check"),
    ("formats", "check", "nothing.csv"),
    ("formats", "try"),
    ("import", "nothing.csv"),
    ("import", "--format", "no_such_format", "nothing.csv"),
    ("import",),
    ("series",),
    ("backup",),
    ("backup", "nowhere/at/all.zip"),
    ("restore", "nothing.zip"),
    ("metrics", "--colour", "red"),
    ("metrics", "--js"),
    (),
)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("arguments", SENSELESS, ids=lambda one: " ".join(one) or "nothing")
def test_a_senseless_command_is_refused_with_a_sentence(type_in, arguments, language, monkeypatch) -> None:
    monkeypatch.setenv("SHOPDATA_LANG", language)
    finished = type_in(*arguments)
    assert finished.status == 2
    said = finished.err + finished.out
    assert words(language)("errors.fault") not in said
    assert "Traceback" not in said
    assert len(said.strip()) > 5


@pytest.mark.parametrize("arguments", [one for one in SENSELESS if one], ids=" ".join)
def test_a_refusal_in_json_is_one_document_too(type_in, arguments) -> None:
    finished = type_in(*arguments, "--json")
    assert finished.status == 2
    document = finished.json()
    refusals = [one["error"] for one in document.get("files", ())] or [document["error"]]
    assert all(one["code"] and one["message"] for one in refusals)


@pytest.mark.parametrize("command", CONTRACT_COMMANDS)
def test_every_command_of_the_contract_is_there_with_its_help(command: str, capsys) -> None:
    for language in LANGUAGES:
        with pytest.raises(SystemExit) as left:
            parser.parse((command, "--help"), words(language))
        assert left.value.code == 0
        assert words(language)(f"cli.command.{command}") in capsys.readouterr().out.replace("\n", "")


@pytest.mark.parametrize("command", NOT_YET)
def test_a_command_that_is_not_built_is_not_pretended(type_in, command: str) -> None:
    assert type_in(command).status == 2


def test_every_word_of_the_grammar_exists_in_both_languages() -> None:
    for language in LANGUAGES:
        parser.build(words(language))


def test_the_flag_wins_over_the_environment(type_in, monkeypatch) -> None:
    monkeypatch.setenv("SHOPDATA_LANG", "zh")
    assert "Data file" in type_in("status", "--lang", "en").out
    assert "Data file" not in type_in("status").out


def test_the_module_runs_as_a_program_from_any_folder(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shopdata", "status", "--json"]
    done = subprocess.run(
        command, env=environment(tmp_path / "home"), cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "home" / "shopdata.duckdb").stat().st_mode & 0o077 == 0
    assert (ROOT / "shopdata").is_dir()


def test_a_reader_that_stops_reading_is_no_fault(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "shopdata", "formats"]
    with subprocess.Popen(
        command,
        env=environment(tmp_path / "home"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert b"Traceback" not in process.stderr.read()
