"""What kind of picture a figure or panel is, by what its caption says and by what it looks like."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from pipelines.figures.looks import Look

Kind = Literal["chest-xray", "ct", "other-radiology", "other", "unsure", ""]
RADIOLOGY: tuple[Kind, ...] = ("chest-xray", "ct", "other-radiology")

_RAY = r"(?:x[\s‐-]?rays?|radiogra(?:phs?|phy|ms?)|roentgenogra\w+|films?)"
_CHEST_XRAY = re.compile(
    rf"\b(?:chest|thora(?:x|cic)|lung|pulmonary|bedside|portable)\s+{_RAY}\b|\b{_RAY} of the (?:chest|thorax)\b"
    r"|(?<![-\w])CXRs?(?![-\w])|\bradiografi[ae] del torace\b|\bRX (?:del )?torace\b",
    re.IGNORECASE,
)
_CT = re.compile(
    r"(?<![-\w])(?:HR)?CTA?(?![-\w])(?!\s*(?:value|threshold|score))|\bcomput(?:ed|eri[sz]ed) tomogra\w+", re.IGNORECASE
)
_OTHER_RADIOLOGY = re.compile(
    r"\bMR[IA]\b|\bmagnetic resonance\b|\bultraso(?:und|nogra\w+)\b|\bechocardiogra\w+|\bPET\b|\bscintigra\w+"
    r"|\bangiogra(?:m|phy)\b|\b(?:abdominal|abdomen|pelvi[cs]|knee|hand|wrist|spine|skull|dental|hip|foot)\s+"
    rf"{_RAY}\b",
    re.IGNORECASE,
)
_RADIOLOGY = re.compile(
    r"\bradiogra\w+|\bx[\s‐-]?rays?\b|\broentgen\w*|\btomogra\w+|\bradiolog\w+|\bimaging\b|\bC(?:XR|T)s?\b",
    re.IGNORECASE,
)
# Words for what is seen on films, where the film itself is not named.
_AS_ON_FILMS = re.compile(
    r"\b(?:opaci\w+|opacifi\w+|infiltrat\w+|consolidations?|effusions?|pneumothora\w+|cardiomegaly|ground[\s-]?glass"
    r"|(?:PA|AP|lateral|frontal) (?:view|projection)s?|lung (?:zones?|fields?|bases?))\b",
    re.IGNORECASE,
)
# Colours laid over a film: what a network looked at, what was measured, what was traced.
_COLOURED_FILM = re.compile(
    r"\b(?:heat ?maps?|activation|saliency|grad-?cam|attention|overlays?|segment\w+|highlight\w+"
    r"|locali[sz]\w+|contours?)\b",
    re.IGNORECASE,
)
# The first sentence of a caption of a drawing about a method.
_METHOD = re.compile(
    r"\b(?:architecture|framework|pipeline|work ?flows?|overview|schematic|diagram|flow ?chart|general idea|topology"
    r"|proposed (?:\w+ )?(?:model|method|approach|network))\b",
    re.IGNORECASE,
)
# A caption names its picture within its first words; later on it speaks of what was done with pictures.
_OPENING_WORDS = 7
# Captions of plots and drawings about films: of how many, how sorted, how learnt from.
_ABOUT_FILMS = re.compile(
    r"\b(?:distribution|architecture|pipeline|train(?:ed|ing)|networks?|models?|framework|overview|AUC|ROC|number of"
    r"|tasks?|performance|accuracy|embeddings?|instances|results|comparison|scores?|reports?|generat\w+|labels|augmentation"
    r"|percentage|proportion|frequency|time ?line|course of|studies)\b",
    re.IGNORECASE,
)
# Words that open the caption of a picture that is no film; further in, they may speak about the film.
_NO_FILM = re.compile(
    r"^(?:the |a |an |our |proposed |overall |schematic )*"
    r"(?:flow\s?-?chart|flow diagram|PRISMA\b|(?:CONSORT|STARD|study) flow diagram|timeline|time line|schematic|diagram"
    r"|architecture|block diagram|pipeline|workflow|epidemic curve|map of|photographs? of"
    r"|phylogen\w+|kaplan[\s–-]meier|forest plot|funnel plot|ROC\b|receiver operating|confusion matri\w+|histogram"
    r"|bar (?:chart|graph|plot)|box\s?plots?|scatter\s?plots?|electrocardiogra\w+|ECG\b"
    r"|(?:nucleotide|amino acid) sequence|western blot|SDS-PAGE)"
    r"|\bphylogenetic (?:tree|analysis)\b|\bflow ?chart of\b",
    re.IGNORECASE,
)


def kind_of(label: str, caption: str) -> Kind:
    """Return what the label and caption say plainly that a picture is; blank where they leave any doubt.

    A caption that names two kinds of picture (a film and a slice) is in doubt: its panels differ.
    """
    if label.strip().lower().startswith("box"):
        return "other"
    kinds: tuple[tuple[Kind, re.Pattern[str]], ...] = (
        ("chest-xray", _CHEST_XRAY), ("ct", _CT), ("other-radiology", _OTHER_RADIOLOGY),
    )  # fmt: skip
    no_film = _NO_FILM.search(caption.lstrip(" .:—–-"))
    named = [kind for kind, words in kinds if words.search(caption)]
    if not named:
        return "other" if no_film and not _RADIOLOGY.search(caption) else ""
    opening = " ".join(caption.split()[:_OPENING_WORDS])
    sentence = re.split(r"(?<=\w\w)\.\s", caption)[0]
    if len(named) > 1 or no_film or _ABOUT_FILMS.search(sentence) or not dict(kinds)[named[0]].search(opening):
        return ""
    return named[0]


class Judged(NamedTuple):
    """Say what kind a picture is and, from 0 to 1, how sure that is."""

    kind: Kind
    confidence: float


def judged(label: str, caption: str, look: "Look", part: str = "") -> Judged:
    """Return the kind of a picture that looks so; `part` is what the caption says of this panel alone."""
    said = kind_of(label, part or caption)
    named = _named_in(part) or _named_in(caption)
    first = re.split(r"(?<=\w\w)\.\s", caption)[0]
    if said == "other" or label.strip().lower().startswith("box"):
        return Judged("other", 0.95 if look in ("drawing", "colours", "mixed") else 0.7)
    if look == "drawing":
        return Judged("other", 0.9 if said not in RADIOLOGY else 0.6)
    if look == "mixed":
        films = bool(_RADIOLOGY.search(caption) or _AS_ON_FILMS.search(caption))
        return Judged("chest-xray", 0.5) if films else Judged("other", 0.6)
    if look == "colours":
        if (named or _RADIOLOGY.search(caption)) and (_COLOURED_FILM.search(caption) or said):
            return Judged(named[0] if named else "chest-xray", 0.6 if named else 0.5)
        return Judged("other", 0.7)
    if _METHOD.search(first) and not part and not said:
        return Judged("other" if look == "tones" else "unsure", 0.5)
    if said in RADIOLOGY:
        against = (said, look) in (("chest-xray", "slice"), ("ct", "film"))
        return Judged(said, 0.7 if against else 0.95)
    return _by_look(look, named, caption)


def _by_look(look: "Look", named: list[Kind], caption: str) -> Judged:
    """Return the kind of a grey picture whose caption names no kind plainly, or several."""
    if len(named) == 1:
        agrees = (named[0], look) in (("chest-xray", "film"), ("ct", "slice"))
        return Judged(named[0], 0.9 if agrees else 0.75)
    if look == "film":
        return Judged("chest-xray", 0.85 if "chest-xray" in named else 0.7)
    if look == "slice":
        return Judged("ct", 0.85 if "ct" in named else 0.6)
    if not named and _RADIOLOGY.search(caption):
        return Judged("chest-xray", 0.6)
    return Judged("unsure", 0.4)


def judged_together(each: Sequence[Judged]) -> list[Judged]:
    """Return what the panels of one figure are, where one that is in doubt is taken for what all the others are."""
    kinds = {one.kind for one in each if one.kind in RADIOLOGY}
    if len(kinds) != 1 or any(one.kind == "other" for one in each):
        return list(each)
    kind = kinds.pop()
    return [Judged(kind, 0.6) if one.kind == "unsure" else one for one in each]


def judged_in_order(caption: str, looks: Sequence["Look"]) -> list[Kind]:
    """Return the kinds a caption without letters names in the order of its panels ("CT scan and CXR of …"), or none."""
    kinds = _named_in(caption)
    if len(kinds) != len(looks) or len(kinds) < 2:
        return []
    against = {("chest-xray", "slice"), ("ct", "film")}
    return [] if against & set(zip(kinds, looks, strict=True)) else kinds


def _named_in(text: str) -> list[Kind]:
    """Return the kinds of pictures that a text names, by where it first names them."""
    found = {
        kind: match.start()
        for kind, words in (("chest-xray", _CHEST_XRAY), ("ct", _CT), ("other-radiology", _OTHER_RADIOLOGY))
        if (match := words.search(text))
    }
    kinds: tuple[Kind, ...] = RADIOLOGY
    return sorted((kind for kind in kinds if kind in found), key=lambda kind: found[kind])
