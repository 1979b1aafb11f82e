"""What kind of picture a figure is, as far as its label and caption say so in plain words."""

import re
from typing import Literal

Kind = Literal["chest-xray", "ct", "other-radiology", "other", ""]

_RAY = r"(?:x[\s‐-]?rays?|radiographs?|roentgenogra\w+|films?)"
_CHEST_XRAY = re.compile(
    rf"\b(?:chest|thora(?:x|cic)|lung|pulmonary|bedside|portable)\s+{_RAY}\b|\b{_RAY} of the (?:chest|thorax)\b"
    r"|\bCXRs?\b|\bradiografi[ae] del torace\b|\bRX (?:del )?torace\b",
    re.IGNORECASE,
)
_CT = re.compile(r"\b(?:HR)?CTA?\b(?!\s*(?:value|threshold))|\bcomput(?:ed|eri[sz]ed) tomogra\w+", re.IGNORECASE)
_OTHER_RADIOLOGY = re.compile(
    r"\bMR[IA]\b|\bmagnetic resonance\b|\bultraso(?:und|nogra\w+)\b|\bechocardiogra\w+|\bPET\b|\bscintigra\w+"
    r"|\bangiogra(?:m|phy)\b|\b(?:abdominal|abdomen|pelvi[cs]|knee|hand|wrist|spine|skull|dental|hip|foot)\s+"
    rf"{_RAY}\b",
    re.IGNORECASE,
)
_RADIOLOGY = re.compile(
    r"\bradiogra\w+|\bx[\s‐-]?rays?\b|\broentgen\w*|\btomogra\w+|\bradiolog\w+|\bimaging\b", re.IGNORECASE
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
    named: list[Kind] = []
    if _CHEST_XRAY.search(caption):
        named.append("chest-xray")
    if _CT.search(caption):
        named.append("ct")
    if _OTHER_RADIOLOGY.search(caption):
        named.append("other-radiology")
    if len(named) > 1:
        return ""
    no_film = _NO_FILM.search(caption.lstrip(" .:—–-"))
    if named:
        return "" if no_film else named[0]
    return "other" if no_film and not _RADIOLOGY.search(caption) else ""
