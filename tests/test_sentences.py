"""Every error the product raises has a sentence for people, in both languages."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from shopdata import errors
from shopdata.words import LANGUAGES, words
from shopdata.words.sentences import sentence

ROOT = Path(__file__).resolve().parent.parent
CLASSES = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, errors.ShopdataError)
}


def raised() -> Iterator[str]:
    """Codes of every error made anywhere in the product."""
    for path in (*(ROOT / "shopdata").rglob("*.py"), *(ROOT / "pages").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", None) in CLASSES:
                kind = CLASSES[node.func.id]
                first = node.args[0] if node.args else None
                yield first.value if isinstance(first, ast.Constant) else kind.code
    yield from (kind.code for kind in CLASSES.values())


@pytest.mark.parametrize("code", sorted({code for code in raised() if isinstance(code, str)}))
def test_an_error_has_its_own_sentence(code: str) -> None:
    for language in LANGUAGES:
        spoken = words(language)
        found = spoken.get(f"errors.{code}", "") or spoken.get(f"imports.errors.{code}", "")
        assert found, f"errors.{code} has no sentence in {language}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_survives_missing_details(language: str) -> None:
    spoken = words(language)
    for key in spoken.entries:
        if key.startswith("errors."):
            said = sentence(errors.ShopdataError(key.removeprefix("errors.")), spoken)
            assert "{" not in said
            assert not [name for _, name, _, _ in Formatter().parse(said) if name]
