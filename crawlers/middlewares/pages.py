"""What counts as a page: the text a case is read from, as against pictures and article files."""

from scrapy.http import Response

_PAGE_TYPES = ("text/html", "application/xhtml+xml", "application/json", "application/xml", "text/xml")


def is_page(response: Response) -> bool:
    """Tell by its stated content type whether an answer is HTML, JSON or XML."""
    stated = (response.headers.get(b"Content-Type") or b"").decode("latin-1")
    kind = stated.partition(";")[0].strip().lower()
    return kind in _PAGE_TYPES or (kind.endswith(("+xml", "+json")) and not kind.startswith("image/"))
