"""An article's own facts, text and figures out of JATS XML, as Europe PMC and the PMC open-access bucket serve it."""

import re
from collections.abc import Iterator

from lxml import etree
from pydantic import Field

from pipelines.figures.kinds import kind_of
from pipelines.figures.markup import NotJats, elements_at, text_of, tree_of
from pipelines.figures.mentions import mentions_of, sentences_of
from pipelines.figures.sections import label_of_section, patient_in, patient_of
from pipelines.records import BlockLabel, Issue, Record, TextBlock

__all__ = ["Article", "ArticleFigure", "NotJats", "article_in"]

_HREF = "{http://www.w3.org/1999/xlink}href"
_ALI = "{http://www.niso.org/schemas/ali/1.0/}license_ref"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_EMAIL_LEAD = re.compile(r"(?:Electronic address|E-?mail(?: address)?)\s*:?\s*(?=$|[,;.])", re.IGNORECASE)
# The day an article became readable is told before the month it was printed in.
_DATES = ("epub", "pub", "ppub", "epub-ppub", "collection", "epreprint")


class ArticleFigure(Record):
    """Hold one `fig`: `hrefs` as the XML names its graphics (often without extension), sentences that mention it."""

    id: str = ""
    label: str = ""
    caption: str = ""
    hrefs: list[str] = Field(default_factory=list)
    mentions: list[str] = Field(default_factory=list)
    patient: str = ""
    kind: str = ""


class Article(Record):
    """Hold what an article says of itself; `licence` is its statement word for word with the URLs it links."""

    doi: str = ""
    pmcid: str = ""
    pmid: str = ""
    title: str = ""
    article_type: str = ""
    language: str = ""
    licence: str = ""
    credit: str = ""
    institution: str = ""
    published: str = ""
    blocks: list[TextBlock] = Field(default_factory=list)
    figures: list[ArticleFigure] = Field(default_factory=list)
    issues: list[Issue] = Field(default_factory=list)


def article_in(xml: bytes) -> Article:
    """Return the article that JATS XML holds; raise `NotJats` with the reason where it holds none."""
    root = tree_of(xml)
    meta = root.find("front/article-meta")
    if meta is None:
        raise NotJats("the <article> has no <front><article-meta>")
    ids = {str(i.get("pub-id-type")): text_of(i) for i in meta.iterfind("article-id")}
    language = root.get(_LANGUAGE, "")
    article = Article(
        doi=ids.get("doi", ""),
        pmcid=_pmcid_in(ids.get("pmcid") or ids.get("pmc") or ids.get("pmcaid") or ""),
        pmid=ids.get("pmid", ""),
        title=text_of(meta.find("title-group/article-title")).replace("\n", " "),
        article_type=root.get("article-type", ""),
        language=language,
        licence=licence_statement(meta.find("permissions")),
        credit=", ".join(_names_in(meta)),
        institution="; ".join(_affiliations_in(meta)),
        published=_published_in(meta),
        blocks=[*_abstracts_in(meta, language), *_sections_in(root.find("body"), language)],
    )
    article.figures = list(_figures_in(root, article.blocks))
    article.issues = list(_issues_of(article))
    return article


def licence_statement(permissions: etree._Element | None) -> str:
    """Return the licence as the article words it: the URL it declares, then its prose; blank where it states none."""
    if permissions is None:
        return ""
    parts: list[str] = []
    for licence in permissions.iterfind("license"):
        declared = [licence.get(_HREF, ""), *(text_of(ref) for ref in licence.iterfind(_ALI))]
        prose = " ".join(text_of(p) for p in licence if p.tag in ("license-p", "p"))
        linked = [str(link.get(_HREF, "")) for link in licence.iterfind(".//ext-link")]
        urls = [url for url in declared + linked if url.startswith("http") and url not in prose]
        parts += [*dict.fromkeys(urls), prose]
    free = [text_of(ref) for ref in permissions.iterfind(_ALI)]
    return "\n".join(dict.fromkeys(part for part in parts + free if part))


def _pmcid_in(text: str) -> str:
    digits = text.upper().removeprefix("PMC")
    return f"PMC{digits}" if digits.isdigit() else ""


def _names_in(meta: etree._Element) -> Iterator[str]:
    for contributor in meta.iterfind("contrib-group/contrib"):
        if contributor.get("contrib-type", "author") != "author":
            continue
        name = contributor.find(".//name")
        parts = (
            (name.find("given-names"), name.find("surname")) if name is not None else (contributor.find(".//collab"),)
        )
        text = " ".join(filter(None, (text_of(part) for part in parts)))
        if text:
            yield text


def _affiliations_in(meta: etree._Element) -> Iterator[str]:
    for affiliation in elements_at(
        meta, "aff | contrib-group/aff | contrib-group/contrib/aff | aff-alternatives/aff[1]"
    ):
        if _only_of_editors(meta, affiliation.get("id")):
            continue
        for mark in elements_at(affiliation, "label | sup[not(preceding-sibling::*)] | email | ext-link"):
            _cut(mark)
        text = _EMAIL_LEAD.sub("", text_of(affiliation).replace("\n", " ")).strip(" ,;.")
        if text:
            yield re.sub(r"\s+([,;.])", r"\1", text)


def _only_of_editors(meta: etree._Element, affiliation: str | None) -> bool:
    people = elements_at(meta, "contrib-group/contrib[.//xref[@rid=$id]]", id=affiliation) if affiliation else []
    return bool(people) and all(person.get("contrib-type", "author") != "author" for person in people)


def _cut(element: etree._Element) -> None:
    parent, before = element.getparent(), element.getprevious()
    if parent is None:
        return
    tail = element.tail or ""
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    element.tail = None
    parent.remove(element)


def _published_in(meta: etree._Element) -> str:
    dates = {d.get("pub-type") or d.get("date-type") or "": d for d in meta.iterfind("pub-date")}
    for kind in _DATES:
        date = dates.get(kind)
        parts = [text_of(date.find(part)) for part in ("year", "month", "day")] if date is not None else []
        if parts and parts[0].isdigit():
            known = [parts[0]]
            for part in parts[1:]:
                if not part.isdigit():
                    break
                known.append(part.zfill(2))
            return "-".join(known)
    return ""


def _abstracts_in(meta: etree._Element, language: str) -> Iterator[TextBlock]:
    for abstract in elements_at(meta, "abstract | trans-abstract"):
        if abstract.get("abstract-type") in ("graphical", "teaser", "toc"):
            continue
        if text := text_of(abstract):
            yield TextBlock(label="abstract", text=text, language=abstract.get(_LANGUAGE, language))


def _sections_in(
    body: etree._Element | None, language: str, label: BlockLabel = "body", patient: str = ""
) -> Iterator[TextBlock]:
    """Yield one block for each run of a section's own paragraphs, headed by its title, nested ones after it."""
    if body is None:
        return
    title = text_of(body.find("title")).replace("\n", " ")
    label, patient = label_of_section(title) or label, patient_in(title) or patient
    lines: list[str] = [title] if title else []
    for child in body:
        if child.tag == "sec":
            continue
        if child.tag not in ("title", "label") and (text := text_of(_wrapped(child))):
            lines.append(text)
    if len(lines) > bool(title):
        yield TextBlock(label=label, text="\n".join(lines), language=language, patient=patient)
    for section in body.iterfind("sec"):
        yield from _sections_in(section, language, label, patient)


def _wrapped(child: etree._Element) -> etree._Element | None:
    # A figure or table standing directly in a section is read elsewhere, as it is inside a paragraph.
    return (
        None if child.tag in ("fig", "fig-group", "table-wrap", "table-wrap-group", "supplementary-material") else child
    )


def _figures_in(root: etree._Element, blocks: list[TextBlock]) -> Iterator[ArticleFigure]:
    for fig in root.iterfind(".//fig"):
        if elements_at(fig, "ancestor::sub-article | ancestor::response"):
            continue
        label, caption = text_of(fig.find("label")), text_of(fig.find("caption"))
        group = fig.getparent()
        if group is not None and group.tag == "fig-group":
            shared = text_of(group.find("caption"))
            label = " ".join(filter(None, (text_of(group.find("label")), label)))
            caption = "\n".join(filter(None, (shared, caption)))
        identifier = fig.get("id", "")
        mentions = list(
            dict.fromkeys([*_linked_mentions(root, identifier), *mentions_of(label, (b.text for b in blocks))])
        )
        yield ArticleFigure(
            id=identifier,
            label=label,
            caption=caption,
            hrefs=list(_graphics_in(fig)),
            mentions=mentions,
            patient=patient_of(mentions, blocks),
            kind="other" if identifier.startswith("figbox") else kind_of(label, caption),
        )


def _graphics_in(fig: etree._Element) -> Iterator[str]:
    for graphic in fig.iterfind(".//graphic"):
        parent = graphic.getparent()
        first = parent is None or parent.tag != "alternatives" or graphic is parent.find("graphic")
        if first and (href := str(graphic.get(_HREF, ""))):
            yield href


def _linked_mentions(root: etree._Element, identifier: str) -> Iterator[str]:
    """Yield the sentences of the body holding a cross-reference to the figure, whatever words it is made with."""
    if not identifier:
        return
    for link in elements_at(root, "body//xref[contains(concat(' ', @rid, ' '), concat(' ', $id, ' '))]", id=identifier):
        paragraph = next(
            (a for a in link.iterancestors("p") if a.xpath("not(ancestor::fig or ancestor::caption)")), None
        )
        if paragraph is None:
            continue
        mark, link.text = "\ue000", "\ue000" + (link.text or "")
        marked = sentences_of(text_of(paragraph))
        link.text = link.text[1:]
        yield from (sentence.replace(mark, "") for sentence in marked if mark in sentence)


def _issues_of(article: Article) -> Iterator[Issue]:
    for field, text in (("title", article.title), ("doi", article.doi), ("date", article.published)):
        if not text:
            yield Issue(
                kind="missing value", field=field if field != "title" else "", message=f"the XML states no {field}"
            )
    for figure in article.figures:
        if not figure.hrefs:
            name = figure.label or figure.id or "a figure"
            yield Issue(kind="media missing", message=f"{name}: the XML names no graphic")
