"""An e-mail address is found and cut out wherever it stands, in a time that grows with the text, not its square."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.emails import email_in, without_emails


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Radiologia, Trieste – e-mail: a.b@example.it", "Radiologia, Trieste"),
        ("Rome (ada [at] example.org).", "Rome."),
        ("Write to ada@example.co.uk, Leeds", "Write to, Leeds"),
        ("Leeds (ada.o'brien@example.co.uk)", "Leeds"),
        ("Turin {ada, b.rossi}@ospedale.example", "Turin"),
        ("Write to a_b+c@xn--e1afmkfd.xn--p1ai now", "Write to now"),
    ],
)
def test_an_email_address_leaves_no_trace(text: str, left: str) -> None:
    assert email_in(text)
    assert without_emails(text) == left


@pytest.mark.parametrize(
    "text", ["SpO2 was 92 @ 2 l/min", "92% @2.5 L", "https://medium.com/@ada.b/a-case", "at rest (at 2 l/min)", "@", ""]
)
def test_what_is_no_address_stays(text: str) -> None:
    assert email_in(text) is None
    assert without_emails(text) == text


# "/@name" is a page of the web, and no local part that anybody has ends so.
@given(
    st.text(),
    st.emails(domains=st.sampled_from(["example.org", "ospedale.it"])).filter(lambda address: "/@" not in address),
    st.text(),
)
def test_no_address_survives(before: str, address: str, after: str) -> None:
    cleaned = without_emails(f"{before} {address} {after}")
    assert "@example.org" not in cleaned
    assert "@ospedale.it" not in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "a" * 100_000,
        "a" * 100_000 + "@",
        "@" + " " * 100_000,
        ("a" * 64 + "@") * 1_500,
        "a@" + "b" * 100_000,
        "a@" + "b." * 50_000,
        "a@" + "b.c" + "-" * 100_000,
        "@" + "{" * 100_000,
        "{a" * 50_000 + "@",
        "e-mail: " * 12_500 + "@",
        "(at)" * 25_000,
    ],
    ids=lambda text: f"{text[:3]}…{text[-3:]}",
)
def test_a_hundred_thousand_characters_are_done(text: str) -> None:
    began = time.process_time()
    email_in(text)
    without_emails(text)
    assert time.process_time() - began < 2
