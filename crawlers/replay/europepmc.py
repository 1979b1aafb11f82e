"""The replayed services for articles: Europe PMC's search and full texts, PMC's bucket, NCBI's converter of ids.

Search records follow ones recorded in 2020 (their wrapping in lists was the recorder's and is undone); the envelope of
a page of results, the bucket's metadata and the converter follow public clients and were never captured whole.
"""

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from crawlers.replay.article_jats import jats_of
from crawlers.replay.article_pdf import pdf_of
from crawlers.replay.articles import Article, Author, picture_of
from crawlers.replay.europepmc_query import NotAQuery, predicate_of
from crawlers.replay.site import TEXT, Site, SiteRequest, SiteResponse, json_answer, robots
from crawlers.replay.world import World

SEARCH_HOST = "www.ebi.ac.uk"
BUCKET_HOST = "pmc-oa-opendata.s3.amazonaws.com"
CONVERTER_HOST = "www.ncbi.nlm.nih.gov"  # where it stood until 2025, and still answers
PMC_HOST = "pmc.ncbi.nlm.nih.gov"
_REST = "/europepmc/webservices/rest"
_XML = "application/xml"
_MOST_IDS = 200
_FULL_TEXT = re.compile(rf"{_REST}/(?P<pmcid>PMC\d+)/fullTextXML")
_CONVERTERS = ("/pmc/utils/idconv/v1.0", "/tools/idconv/api/v1/articles")
_METADATA = re.compile(r"/(?:metadata|(?P<folder>PMC\d+)\.\d+)/(?P<pmcid>PMC\d+)\.(?P<version>\d+)\.json")
_FILE = re.compile(r"/(?P<pmcid>PMC\d+)\.(?P<version>\d+)/(?P<name>[^/]+)")


def sites(world: World) -> list[Site]:
    """Return Europe PMC, the bucket and the converter."""
    served = _Articles({article.pmcid: article for article in world.articles})
    everything = f"https://{SEARCH_HOST}{_REST}/search?query=IN_EPMC:y&format=json&resultType=core&cursorMark=*"
    first = [("A PDF", f"https://{BUCKET_HOST}/{a.pmcid}.1/{a.pmcid}.1.pdf") for a in world.articles[:1]]
    return [
        Site("Europe PMC", (SEARCH_HOST,), served.europe_pmc, (("All articles", everything),), len(world.articles)),
        Site("PMC cloud service", (BUCKET_HOST,), served.bucket, tuple(first)),
        Site("NCBI id converter", (CONVERTER_HOST, PMC_HOST), served.converter),
    ]


class _Articles:
    def __init__(self, articles: dict[str, Article]) -> None:
        self.articles = articles

    def europe_pmc(self, request: SiteRequest) -> SiteResponse | None:
        """Answer a search or a request for a full text."""
        if request.path == "/robots.txt":
            return robots("Disallow: /ebisearch/ws/rest/")
        if request.path == f"{_REST}/search":
            return self._found(request)
        match = _FULL_TEXT.fullmatch(request.path)
        article = self.articles.get(match["pmcid"]) if match else None
        return SiteResponse(jats_of(article), content_type=_XML) if article and article.in_pmc else None

    def _found(self, request: SiteRequest) -> SiteResponse:
        if request.value("format") != "json" or request.value("resultType") != "core":
            return SiteResponse(b"only format=json&resultType=core is replayed\n", 400, TEXT)
        query, mark = request.value("query"), request.value("cursorMark", "*")
        try:
            test, start = predicate_of(query), _start_of(mark)
        except (NotAQuery, ValueError) as error:
            return SiteResponse(f"{error}\n".encode(), 400, TEXT)
        size = int(request.value("pageSize", "25"))
        found = [article for article in self.articles.values() if test(article)]
        on_page = found[start : start + size]
        # The mark of a page past the end is the mark that was asked for.
        following = base64.urlsafe_b64encode(b"from %d" % (start + len(on_page))).decode() if on_page else mark
        asked = {"queryString": query, "resultType": "core", "cursorMark": mark, "pageSize": size, "sort": ""}
        return json_answer(
            {
                "version": "6.9",
                "hitCount": len(found),
                "nextCursorMark": following,
                "request": {**asked, "synonym": False},
                "resultList": {"result": [_record(article) for article in on_page]},
            }
        )

    def bucket(self, request: SiteRequest) -> SiteResponse:
        """Answer for a file of the open-access bucket, or as S3 does for a key it does not hold."""
        if request.path == "/robots.txt":
            return robots("Disallow:")
        if request.path == "/" and request.value("list-type") == "2":
            return self._listed(request.value("prefix"), request.value("delimiter"))
        match = _METADATA.fullmatch(request.path) or _FILE.fullmatch(request.path)
        article = self.articles.get(match["pmcid"]) if match else None
        if match is None or article is None or int(match["version"]) not in _versions_of(article):
            return _no_such_key(request.path)
        version = int(match["version"])
        if match.re is _METADATA:
            return json_answer(_metadata(article, version, request.films_cache))
        served = _files_of(article, version, match["name"], request.films_cache)
        return served or _no_such_key(request.path)

    def _listed(self, prefix: str, delimiter: str) -> SiteResponse:
        """Answer with the keys that begin so, or with a delimiter, as S3 does, with the folders that they stand in."""
        keys = [
            f"{article.pmcid}.{version}/{name}"
            for article in self.articles.values()
            for version in _versions_of(article)
            for name in _names_of(article, version)
        ]
        keys = sorted(key for key in keys if key.startswith(prefix))
        if delimiter:
            folders = dict.fromkeys(f"{key.partition(delimiter)[0]}{delimiter}" for key in keys)
            listed = "".join(f"<CommonPrefixes><Prefix>{folder}</Prefix></CommonPrefixes>" for folder in folders)
        else:
            listed = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in keys)
        namespace, told = "http://s3.amazonaws.com/doc/2006-03-01/", f"<Prefix>{prefix}</Prefix>"
        return _xml(
            f'<ListBucketResult xmlns="{namespace}"><Name>pmc-oa-opendata</Name>{told}{listed}</ListBucketResult>'
        )

    def converter(self, request: SiteRequest) -> SiteResponse | None:
        """Answer for up to 200 ids with what else each article is called."""
        if request.path == "/robots.txt":
            return robots("Disallow: /pmc/articles/")
        if request.path.rstrip("/") not in _CONVERTERS:
            return None
        ids = request.value("ids").split(",")
        if len(ids) > _MOST_IDS:
            return json_answer({"status": "error", "message": f"more than {_MOST_IDS} ids"}, 400)
        return json_answer({"status": "ok", "records": [self._called(name.strip()) for name in ids]})

    def _called(self, name: str) -> dict[str, str]:
        for article in self.articles.values():
            if name in (article.pmcid, article.pmid, article.doi):
                ids = {"pmcid": article.pmcid, "pmid": article.pmid, "doi": article.doi}
                return {kind: value for kind, value in ids.items() if value}
        return {"pmcid": name, "status": "error", "errmsg": "invalid article id"}


def _start_of(mark: str) -> int:
    """Return the place in the results that a mark stands for; raise `ValueError` for a mark we never gave."""
    return 0 if mark == "*" else int(base64.urlsafe_b64decode(mark).removeprefix(b"from "))


def _versions_of(article: Article) -> range:
    return range(1, article.version + 1) if article.in_pmc else range(0)


def _names_of(article: Article, version: int) -> tuple[str, ...]:
    named = f"{article.pmcid}.{version}"
    return (f"{named}.xml", f"{named}.pdf", *(f"{figure.href}.jpg" for figure in article.figures))


def _files_of(article: Article, version: int, name: str, cache: Path | None) -> SiteResponse | None:
    if name == f"{article.pmcid}.{version}.xml":
        return SiteResponse(jats_of(article), content_type=_XML)
    if name == f"{article.pmcid}.{version}.pdf":
        return SiteResponse(pdf_of(article, cache), content_type="application/pdf")
    figure = next((figure for figure in article.figures if f"{figure.href}.jpg" == name), None)
    return SiteResponse(picture_of(figure, cache), content_type="image/jpeg") if figure else None


def _no_such_key(path: str) -> SiteResponse:
    return _xml(f"<Error><Code>NoSuchKey</Code><Key>{path[1:]}</Key></Error>", 404)


def _xml(body: str, status: int = 200) -> SiteResponse:
    return SiteResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode(), status, _XML)


def _metadata(article: Article, version: int, cache: Path | None) -> dict[str, Any]:
    """Return the bucket's record of an article: keys as clients read them, each address with its file's MD5."""
    xml, pdf, *media = (_address(article, version, name, cache) for name in _names_of(article, version))
    return {
        "pmcid": article.pmcid,
        "version": version,
        "pmid": int(article.pmid) if article.pmid else None,
        "doi": article.doi,
        "title": article.title,
        "is_pmc_openaccess": True,
        "is_manuscript": False,
        "is_historical_ocr": False,
        "is_retracted": False,
        "license_code": article.licence.code or None,
        "xml_url": xml,
        "pdf_url": pdf,
        "media_urls": media,
    }


def _address(article: Article, version: int, name: str, cache: Path | None) -> str:
    served = _files_of(article, version, name, cache)
    digest = hashlib.md5(served.body if served else b"", usedforsecurity=False).hexdigest()
    return f"s3://pmc-oa-opendata/{article.pmcid}.{version}/{name}?md5={digest}"


def _record(article: Article) -> dict[str, Any]:
    """Return an article as the search has it; `isOpenAccess` is Y even where no licence allows reuse."""
    day = article.published.isoformat()
    identity = {"id": article.pmid or article.pmcid, "source": "MED" if article.pmid else "PMC"}
    return {
        **identity,
        **({"pmid": article.pmid} if article.pmid else {}),
        **({"pmcid": article.pmcid, "fullTextIdList": {"fullTextId": [article.pmcid]}} if article.in_pmc else {}),
        "doi": article.doi,
        "title": f"{article.title}.",
        "authorString": f"{', '.join(f'{author.family} {author.initials}' for author in article.authors)}.",
        "authorList": {"author": [_author(author, article) for author in article.authors]},
        "journalInfo": {
            "yearOfPublication": article.published.year,
            "printPublicationDate": f"{article.published.year}-01-01",
            "dateOfPublication": f"{article.published.year} ",
            "monthOfPublication": 0,
            "journal": {"title": article.journal, "ISOAbbreviation": article.journal},
        },
        "pubYear": str(article.published.year),
        "abstractText": article.abstract,
        **({"affiliation": str(article.affiliations[0])} if article.affiliations else {}),
        "publicationStatus": "epublish",
        "language": "eng",
        "pubModel": "Electronic-eCollection",
        "pubTypeList": {"pubType": [article.type]},
        "fullTextUrlList": {"fullTextUrl": _addresses(article)},
        "isOpenAccess": "Y",
        "inEPMC": "Y",
        "inPMC": "N",
        "hasPDF": "Y",
        "hasBook": "N",
        "hasSuppl": "N",
        "citedByCount": 0,
        "hasData": "N",
        "hasReferences": "N",
        "hasTextMinedTerms": "Y",
        "hasDbCrossReferences": "N",
        "hasLabsLinks": "N",
        **({"license": article.licence.code.lower()} if article.licence.code else {}),
        "authMan": "N",
        "epmcAuthMan": "N",
        "nihAuthMan": "N",
        "hasTMAccessionNumbers": "N",
        "dateOfCreation": day,
        "firstIndexDate": day,
        "fullTextReceivedDate": day,
        "dateOfRevision": day,
        "electronicPublicationDate": day,
        "firstPublicationDate": day,
    }


def _author(author: Author, article: Article) -> dict[str, Any]:
    named = {"fullName": f"{author.family} {author.initials}", "firstName": author.given, "lastName": author.family}
    told: dict[str, Any] = {**named, "initials": author.initials}
    if author.orcid:
        told["authorId"] = {"type": "ORCID", "value": author.orcid}
    if article.affiliations:
        where = {"affiliation": str(article.affiliations[author.affiliation])}
        told["authorAffiliationDetailsList"] = {"authorAffiliation": [where]}
    return told


def _addresses(article: Article) -> list[dict[str, str]]:
    free = {"availability": "Open access", "availabilityCode": "OA", "site": "Europe_PMC"}
    paid = {"availability": "Subscription required", "availabilityCode": "S", "site": "DOI"}
    page = f"https://europepmc.org/articles/{article.pmcid}"
    return [
        {**paid, "documentStyle": "doi", "url": article.url},
        {**free, "documentStyle": "html", "url": page},
        {**free, "documentStyle": "pdf", "url": f"{page}?pdf=render"},
    ]
