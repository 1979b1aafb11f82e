"""Hold what the rules claim, and settle which claim stands."""

from dataclasses import dataclass

from pipelines.reading.text import Segment
from pipelines.records import Evidence, Issue

# A quote is what a person reads to check a value; past this it is no longer one glance.
LONGEST_QUOTE = 300


@dataclass(frozen=True, slots=True)
class Claim:
    """Claim a value for a field from a span (characters of the segment's source), with the rule's strength."""

    field: str
    value: str
    segment: Segment
    start: int
    end: int
    rule: str
    strength: int = 1

    @property
    def quote(self) -> str:
        """Return the words of the source that the claim rests on."""
        return self.segment.source[self.start : self.end]

    def evidence(self) -> Evidence:
        """Return the claim as evidence."""
        return Evidence(
            field=self.field,
            value=self.value,
            quote=self.quote,
            block=self.segment.address,
            start=self.start,
            end=self.end,
            rule=self.rule,
        )


def contradiction(field: str, chosen: Claim | None, other: Claim) -> Issue:
    """Name two readings of a field that disagree."""
    stands = f"{chosen.value!r} ({chosen.quote!r}) stands against" if chosen else "left blank:"
    return Issue(kind="contradiction", field=field, message=f"{stands} {other.value!r} ({other.quote!r})")


def settled(field: str, claims: list[Claim]) -> tuple[Claim | None, list[Issue]]:
    """Return the strongest claim, or none where equally strong ones disagree, and an issue for each other value."""
    if not claims:
        return None, []
    ranked = sorted(claims, key=lambda claim: -claim.strength)
    best = ranked[0]
    rivals = {claim.value: claim for claim in reversed(ranked) if claim.value != best.value}
    if any(rival.strength == best.strength for rival in rivals.values()):
        return None, [
            Issue(
                kind="contradiction",
                field=field,
                message="left blank: "
                + " against ".join(f"{claim.value!r} ({claim.quote!r})" for claim in [best, *rivals.values()]),
            )
        ]
    return best, [contradiction(field, best, rival) for rival in rivals.values()]
