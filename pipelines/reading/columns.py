"""Know which numbers a column may hold."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_COLUMNS = Path(__file__).parents[2] / "data" / "vocabularies" / "columns.toml"


@cache
def number_column(field: str) -> dict[str, Any]:
    """Return the unit of a column of numbers, its `least` and `most`, and the reason for them."""
    with _COLUMNS.open("rb") as file:
        column: dict[str, Any] = tomllib.load(file)["numbers"][field]
    return column
