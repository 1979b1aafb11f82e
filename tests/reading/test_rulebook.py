"""Rule files: each loads, each list is used, and what a file may not say is refused by its file and place."""

import re
from pathlib import Path

import pytest

from pipelines.reading import rulebook
from pipelines.reading.rulebook import RulesError, families, rules_in

FILES = [(family, language) for language in ("en", "it", "") for family in families(language)]
CUE = '[[cue]]\nrule = "died"\nfield = "survival"\nvalue = "N"\nphrases = ["died"]\n'


@pytest.mark.parametrize(("family", "language"), FILES)
def test_every_file_loads_and_every_list_of_it_is_used(family: str, language: str) -> None:
    rules = rules_in(family, language)
    text = (rulebook.RULES / language / f"{family}.toml").read_text(encoding="utf-8")
    code = "".join(path.read_text(encoding="utf-8") for path in rulebook.RULES.parent.glob("*.py"))
    named = set(re.findall(r"\{(\w+)\}", text))
    assert [name for name in rules.get("lists", {}) if name not in named and f'"{name}"' not in code] == []


def test_no_file_lies_beside_those_that_are_loaded() -> None:
    found = {path.relative_to(rulebook.RULES).as_posix() for path in rulebook.RULES.rglob("*.toml")}
    assert found == {f"{language}/{family}.toml".removeprefix("/") for family, language in FILES}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (CUE + 'unles = ["nearly"]', "cue.0.unles"),
        (CUE.replace("survival", "survvival"), "'survvival' is no column"),
        (CUE.replace('"N"', '"maybe"'), "cue.0.value"),
        (CUE.replace('"died"]', '"died", "died"]'), "written twice: 'died'"),
        (CUE.replace('"died"]', '"an?aemic death"]'), "'?' stands behind a whole word"),
        (CUE.replace('"died"]', '"died in {icuu}"]'), "names no list"),
        (CUE.replace('"died"]', '"died  alone"]'), "one space"),
        (CUE.replace('"died"]', '"died|"]'), "'|' stands between two words"),
        (CUE.replace('"died"]', '"died"'), "Unclosed array"),
    ],
)
def test_a_file_is_refused_by_its_name_and_its_fault(
    said: str, fault: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "course.toml").write_text(said, encoding="utf-8")
    monkeypatch.setattr(rulebook, "RULES", tmp_path)
    with pytest.raises(RulesError, match=re.escape("course.toml")) as refused:
        rules_in("course", "en")
    assert fault in str(refused.value)


def test_alternatives_may_be_lists() -> None:
    from pipelines.reading.phrases import finder_of

    finder = finder_of(["{tube}|cannula removed"], {"tube": ["ETT", "tracheal tube"]})
    assert [bool(finder.search(text)) for text in ("ETT removed", "Cannula removed", "drain removed")] == [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(("family", "language"), FILES)
def test_a_line_is_no_wider_than_code_is_unless_it_holds_one_phrase(family: str, language: str) -> None:
    lines = (rulebook.RULES / language / f"{family}.toml").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if len(line) > 120 and not re.fullmatch(r"\s*(\"[^\"]*\"|'[^']*'),?", line)] == []
