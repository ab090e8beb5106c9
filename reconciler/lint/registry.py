"""From the id of a check to its code: one table, put together from the families."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from reconciler.lint.finding import Hit
from reconciler.lint.subject import IdentitySubject, Subject

KeyProbe = Callable[[Subject], Iterator[Hit]]
"""What a check finds about one key."""
IdentityProbe = Callable[[IdentitySubject], Iterator[Hit]]
"""What a check finds about one IAM policy."""
Family = Mapping[str, KeyProbe]
"""The code of some checks, by id."""


def merged(families: Iterable[Family]) -> dict[str, KeyProbe]:
    """All of `families`, sorted by id.

    Raises:
        ValueError: two have one id.
    """
    found: dict[str, KeyProbe] = {}
    for family in families:
        for name, probe in family.items():
            if name in found:
                raise ValueError(f"{name} has two pieces of code")
            found[name] = probe
    return dict(sorted(found.items()))


def require(coded: Iterable[str], described: Collection[str]) -> None:
    """See that the ids with code are those with words.

    Raises:
        ValueError: they are not.
    """
    odd = set(coded) ^ set(described)
    if odd:
        raise ValueError(f"words or code are missing of {', '.join(sorted(odd))}")
