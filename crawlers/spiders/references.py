"""Articles that a person names by a reference, or by an address that holds no DOI, resolved before they are fetched."""

from typing import TYPE_CHECKING

from scrapy.settings import BaseSettings

from crawlers.workspace import converter_url, crossref_url, database_url, store_at

if TYPE_CHECKING:
    from pipelines.references.resolution import Resolution


def resolution_of(named: str, settings: BaseSettings) -> "Resolution":
    """Return the DOI of an article that is named by a reference in free text or by a web address; blocks for seconds.

    Raises `ServiceUnavailable` where Crossref or the converter gives no answer.
    """
    from pipelines.references.converter import IdConverter
    from pipelines.references.crossref import Crossref
    from pipelines.references.resolution import resolved
    from pipelines.references.stated import Stated

    cache, contact = store_at(database_url(settings)), settings["INTAKE_CONTACT"]
    crossref = Crossref(crossref_url(settings), contact, cache)
    converter = IdConverter(converter_url(settings), contact, cache)
    is_address = named.startswith(("http://", "https://")) and " " not in named
    return resolved(Stated(urls=(named,)) if is_address else Stated(reference=named), crossref, converter)
