"""E-mail addresses in text: they are of persons, and no row and no publication may hold one."""

import re

# Every repeat is bounded, so that the time grows with the length of a text and not with its square: RFC 5321 (4.5.3.1)
# allows 64 characters before the sign; of no name of a host a label has more than 63 (RFC 1035, 2.3.4).
_EMAIL = re.compile(
    r"(?:\s{0,2}[–—(,;-])?\s{0,2}"
    r"(?:\b(?:e-?mail|posta elettronica|contact)(?: address)?\s?:?\s?)?"
    # A path such as "/@name" is a page of the web. Articles write "{a, b}@example.org" for several of one house.
    r"(?:[^\s@<>()\[\],;:\"{}]{1,64}+(?<!/)|\{[^{}]{1,300}\})"
    # As affiliations hide the sign.
    r"\s?(?:@|\[at\]|\(at\))\s?"
    r"[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}\.[^\W\d_][\w-]{0,61}[^\W_]\)?",
    re.IGNORECASE,
)


def email_in(text: str) -> re.Match[str] | None:
    """Return the first e-mail address, with its label and the dash or bracket that sets it off; None without one."""
    signed = "@" in text or "at]" in text or "at)" in text
    return _EMAIL.search(text) if signed else None


def without_emails(text: str, instead: str = "") -> str:
    """Return a text with every e-mail address cut out, with its label and the dash or bracket that sets it off."""
    return _EMAIL.sub(instead, text) if email_in(text) else text
