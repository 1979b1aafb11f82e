"""How English, Italian and machine-translated texts word each column, and as many texts that tell nothing of it."""

import tomllib
from pathlib import Path

import pytest
from reading.readings import values_in

FOLDER = Path(__file__).parent / "wordings"
TABLES = {
    (file.parent.name, column): table
    for file in sorted(FOLDER.glob("*/*.toml"))
    for column, table in tomllib.loads(file.read_text(encoding="utf-8")).items()
}


@pytest.mark.parametrize(("language", "column"), TABLES)
def test_reads_a_column_however_it_is_worded(language: str, column: str) -> None:
    table: dict[str, str] = TABLES[language, column]
    read = {text: values_in(text).get(column, "") for text in table}
    assert {text: value for text, value in read.items() if value != table[text]} == {}
