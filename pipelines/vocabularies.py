"""Load what `data/vocabularies` says: the columns, the findings, the reasons."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parents[1] / "data" / "vocabularies"


@cache
def vocabulary(name: str) -> dict[str, Any]:
    """Return a file of `data/vocabularies`."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))
