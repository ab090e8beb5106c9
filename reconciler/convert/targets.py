"""Accounts and Regions: Targets where the input has several."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from reconciler.convert.drafts import Place


@dataclass(frozen=True, slots=True)
class Targets:
    """The places of the input, and what their Targets are called."""

    names: Mapping[Place, str]
    """Empty when all is in one place: then everything belongs to the run's target."""
    places: tuple[Place, ...]

    @classmethod
    def among(cls, places: Iterable[Place], *, needed: bool) -> Targets:
        """Those of `places` whose Region is known. `needed`: a Target is needed even where there is one place."""
        known = {place for place in places if place.region is not None}
        full = {place.region for place in known if place.account is not None}
        unique = {place for place in known if place.account is not None or place.region not in full}
        ordered = tuple(sorted(unique, key=lambda place: (place.region or "", place.account or "")))
        regions = [place.region for place in ordered]
        names = {place: _name(place, alone=regions.count(place.region) == 1) for place in ordered}
        return cls(names if needed or len(ordered) > 1 else {}, ordered)

    def of(self, place: Place) -> str | None:
        """The name of the Target of a resource in `place`; None when it belongs to the run's.

        Of an account that is no Target's, it is reached from one that is: a grant can be on a key of another account.
        """
        if place in self.names:
            return self.names[place]
        return next((name for one, name in self.names.items() if one.region == place.region), None)

    def specs(self) -> dict[str, dict[str, Any]]:
        """`spec` of each Target, by name."""
        return {name: _spec(place) for place, name in self.names.items()}


def _name(place: Place, *, alone: bool) -> str:
    return place.region or "" if alone else f"{place.region}-{place.account}"


def _spec(place: Place) -> dict[str, Any]:
    account = {"accountId": place.account} if place.account else {}
    return {"backend": "aws", "region": place.region, **account}
