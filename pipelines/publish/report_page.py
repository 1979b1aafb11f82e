"""Write a report as one HTML page that needs nothing else, and as JSON."""

import json
from collections.abc import Sequence
from typing import Any

from pipelines.publish.report import Statistics, Table
from pipelines.publish.report_rows import NOT_STATED, is_unknown
from pipelines.records import SCHEMA_VERSION

# Columns of which a reader asks first how many films leave them blank.
_ASKED_FIRST = ("age", "sex", "offset", "view", "finding", "survival", "license")


def page_of(sections: Sequence[Statistics]) -> str:
    """Return the report as an HTML page: plots with their numbers, Table 1, and both by state, source and licence."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    from pipelines.publish.report_plots import plots_of

    environment = Environment(
        loader=PackageLoader("pipelines.publish"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.tests |= {"not_stated": lambda label: label == NOT_STATED, "unknown_word": is_unknown}
    return environment.get_template("report.html").render(
        sections=[
            (section, plots_of(section) if section.films else {}, _missing(section.stated)) for section in sections
        ],
        schema_version=SCHEMA_VERSION,
    )


def json_of(sections: Sequence[Statistics]) -> str:
    """Return everything counted as JSON: one object a section, each table with what its percentages are of."""
    whole: dict[str, Any] = {"schema_version": SCHEMA_VERSION, "sections": [section.as_dict() for section in sections]}
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"


def _missing(stated: Table) -> list[tuple[str, int, str]]:
    """Return column, count and percentage of films without a value, for the columns asked for first."""
    blank = stated.counts[NOT_STATED]
    return [(column, int(blank[column]), stated.share(int(blank[column]))) for column in _ASKED_FIRST]
