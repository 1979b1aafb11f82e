"""An article as JATS XML, in the shapes that Europe PMC's full texts have.

Structure after full texts recorded in 2020: PMC7582078 (floats, attribute licence, numbered affiliations), PMC4304124
(two links, one of them the waiver for data), PMC7369338 (`xlink:href="simple"`, affiliations in parts), PMC5727565 (a
text box as a figure), pone.0046493 (licence in prose, affiliations in `addr-line`). Texts are ours.
"""

import re

from lxml import etree

from crawlers.replay.articles import Affiliation, Article, ArticleFigure, Author, Licence

_XLINK = "http://www.w3.org/1999/xlink"
_ALI = "http://www.niso.org/schemas/ali/1.0/"
_HREF = f"{{{_XLINK}}}href"
# Parsers that load external DTDs go looking for these.
_DOCTYPES = {
    "current": '<!DOCTYPE article PUBLIC "-//NLM//DTD JATS (Z39.96) Journal Archiving and Interchange DTD with MathML3 '
    'v1.2 20190208//EN" "JATS-archivearticle1-mathml3.dtd">',
    "old": '<!DOCTYPE article PUBLIC "-//NLM//DTD Journal Archiving and Interchange DTD v3.0 20080202//EN" '
    '"http://dtd.nlm.nih.gov/archiving/3.0/archivearticle3.dtd">',
}
_WAIVER = "http://creativecommons.org/publicdomain/zero/1.0/"
_SUBSCRIPT = re.compile(r"(?<=[SpPaiF]O)2\b")


def jats_of(article: Article) -> bytes:
    """Return the article as XML in UTF-8, with a DOCTYPE that names an external DTD."""
    root = etree.Element("article", {"article-type": article.type}, nsmap={"xlink": _XLINK, "ali": _ALI})
    root.append(etree.ProcessingInstruction("properties", "open_access"))
    root.append(etree.Comment(" Reconstructed: the structure follows recorded full texts, the content was written. "))
    root.append(_tag("front", _journal_of(article), _meta_of(article)))
    body = _tag("body", *(_section(part.title, part.paragraphs, article) for part in article.sections))
    root.append(body)
    figures = [_figure(figure, identifier) for identifier, figure in _identified(article).items()]
    if article.floats:
        root.append(_tag("back"))
        root.append(_tag("floats-group", *figures))
    else:
        (body[0] if len(body) else body).extend(figures)
    return etree.tostring(root, encoding="UTF-8", doctype=_DOCTYPES[article.doctype])


def _tag(name: str, *children: etree._Element | str, **attributes: str) -> etree._Element:
    """Make an element with text and elements in order; an underscore in an attribute's name stands for a hyphen."""
    element = etree.Element(name, {key.replace("_", "-"): value for key, value in attributes.items()})
    for child in children:
        if not isinstance(child, str):
            element.append(child)
        elif len(element):
            element[-1].tail = (element[-1].tail or "") + child
        else:
            element.text = (element.text or "") + child
    return element


def _journal_of(article: Article) -> etree._Element:
    return _tag(
        "journal-meta",
        _tag("journal-id", article.journal, journal_id_type="nlm-ta"),
        _tag("journal-title-group", _tag("journal-title", article.journal)),
        _tag("publisher", _tag("publisher-name", article.publisher)),
    )


def _meta_of(article: Article) -> etree._Element:
    meta = _tag("article-meta")
    ids = {
        "pmcid": article.pmcid.removeprefix("PMC") if article.states_pmcid else "",  # the bare number, as recorded
        "pmid": article.pmid,
        "doi": article.doi,
        "pii": article.pii,
    }
    meta.extend(_tag("article-id", value, pub_id_type=kind) for kind, value in ids.items() if value)
    meta.append(_tag("title-group", _tag("article-title", article.title)))
    meta.append(_tag("contrib-group", *(_author(author, place == 0) for place, author in enumerate(article.authors))))
    meta.extend(_affiliation(place, where) for place, where in enumerate(article.affiliations))
    written_to = next((author for author in article.authors if author.email), None)
    if written_to:
        note = _tag(
            "corresp",
            _tag("bold", "Correspondence:"),
            f" {written_to.family}, E-mail: ",
            _tag("email", written_to.email),
        )
        meta.append(_tag("author-notes", note))
    meta.extend(_dates(article))
    if article.licence.shape != "none":
        meta.append(_permissions(article.licence, article.published.year))
    if article.abstract:
        meta.append(_tag("abstract", _tag("p", *_inline(article.abstract, article))))
    return meta


def _author(author: Author, corresponding: bool) -> etree._Element:
    contrib = _tag("contrib", contrib_type="author", **({"corresp": "yes"} if corresponding else {}))
    if author.orcid:
        contrib.append(_tag("contrib-id", f"https://orcid.org/{author.orcid}", contrib_id_type="orcid"))
    contrib.append(_tag("name", _tag("surname", author.family), _tag("given-names", author.given)))
    mark = _tag("sup", str(author.affiliation + 1))
    contrib.append(_tag("xref", mark, ref_type="aff", rid=f"I{author.affiliation + 1}"))
    return contrib


def _affiliation(place: int, where: Affiliation) -> etree._Element:
    """Make an affiliation: one line after a raised number, or parts of it tagged one by one."""
    identifier = f"I{place + 1}"
    if where.text:
        return _tag("aff", _tag("sup", str(place + 1)), where.text, id=identifier)
    if where.address:
        return _tag("aff", _tag("label", where.label), _tag("addr-line", where.address), id=identifier)
    return _tag(
        "aff", _tag("label", where.label), f"{where.department}, ", _tag("institution", where.institution), ", ",
        _tag("city", where.city), ", ", _tag("country", where.country), id=identifier,
    )  # fmt: skip


def _dates(article: Article) -> list[etree._Element]:
    day = article.published
    collection = _tag("pub-date", _tag("year", str(day.year)), pub_type="collection")
    parts = (_tag("day", str(day.day)), _tag("month", str(day.month)), _tag("year", str(day.year)))
    if article.registration and not article.registration.published_online:
        return [_tag("pub-date", *parts[1:], pub_type="ppub")]
    return [collection, _tag("pub-date", *parts, pub_type="epub")]


def _permissions(licence: Licence, year: int) -> etree._Element:
    """Make the statement of the licence in the shape asked for."""
    before, _, after = licence.words.partition("{url}")
    words = _tag("license-p", before)
    stated = _tag("license", words)
    if licence.shape == "attribute":
        stated.set(_HREF, licence.url)
    elif licence.shape in ("link", "link and waiver"):
        stated.set("license-type", "open-access")
        words.append(_link(licence.url, after))
        if licence.shape == "link and waiver":
            words[-1].tail = f"{after} The Creative Commons Public Domain Dedication waiver ("
            words.append(_link(_WAIVER, ") applies to the data made available in this article, unless stated."))
    elif licence.shape == "simple":
        stated.set("license-type", "other")
        stated.set(_HREF, "simple")
    elif licence.shape == "reference":
        stated.set("license-type", "covid-19-tdm")
        reference = etree.Element(f"{{{_ALI}}}license_ref")
        reference.text = licence.url
        stated.insert(0, reference)
    return _tag("permissions", _tag("copyright-statement", f"© {year} The Author(s)"), stated)


def _link(url: str, tail: str) -> etree._Element:
    link = _tag("ext-link", url, ext_link_type="uri")
    link.set(_HREF, url)
    link.tail = tail
    return link


def _section(title: str, paragraphs: tuple[str, ...], article: Article) -> etree._Element:
    return _tag("sec", _tag("title", title), *(_tag("p", *_inline(paragraph, article)) for paragraph in paragraphs))


def _inline(text: str, article: Article) -> list[etree._Element | str]:
    """Return text with each figure's label as a cross-reference and the 2 of SpO2 and its like set low."""
    labels = {figure.label: identifier for identifier, figure in _identified(article).items()}
    known = "|".join(re.escape(label) for label in sorted(labels, key=len, reverse=True))
    pieces: list[etree._Element | str] = []
    for piece in re.split(rf"\b({known})(?![\w])" if known else r"(?!)", text):
        if piece in labels:
            pieces.append(_tag("xref", piece, ref_type="fig", rid=labels[piece]))
            continue
        for place, part in enumerate(_SUBSCRIPT.split(piece)):
            pieces += [_tag("sub", "2"), part] if place else [part]
    return pieces


def _identified(article: Article) -> dict[str, ArticleFigure]:
    return {figure.id or f"fig{number}": figure for number, figure in enumerate(article.figures, 1)}


def _figure(figure: ArticleFigure, identifier: str) -> etree._Element:
    graphic = _tag("graphic")
    graphic.set(_HREF, figure.href)
    return _tag("fig",
        _tag("label", figure.label), _tag("caption", _tag("p", figure.caption)), graphic,
        id=identifier, orientation="portrait", position="float",
    )  # fmt: skip
