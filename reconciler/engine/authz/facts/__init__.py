"""The request context: condition keys and how each is computed, when a policy asks for it.

Sources: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from reconciler.engine.authz.facts import grants, key, operation, principal, requests, sessions, tags
from reconciler.engine.authz.request import Request, Values

_ABOUT: Final = (principal, requests, key, operation, grants, tags, sessions)

FACTS: Final[Mapping[str, Callable[[Request], Values]]] = MappingProxyType(
    {name: compute for about in _ABOUT for name, compute in about.FACTS.items()}
)
"""By condition key, in lower case."""

FAMILIES: Final[Mapping[str, Callable[[Request], Mapping[str, Values]]]] = MappingProxyType(
    {**principal.FAMILIES, **operation.FAMILIES, **tags.FAMILIES}
)
"""By the beginning of condition keys that end in a name of the user's: the values by that name, in lower case."""


def facts_of(request: Request, needs: Iterable[str]) -> dict[str, Values]:
    """The condition keys of `needs`, in lower case, that `request` has. Keys that KMS does not know are absent."""
    found = {}
    families: dict[str, Mapping[str, Values]] = {}  # each is worked out once, however many of it are asked for
    for name in needs:
        compute = FACTS.get(name)
        values = _of_family(request, name, families) if compute is None else compute(request)
        if values:
            found[name] = values
    return found


def _of_family(request: Request, name: str, known: dict[str, Mapping[str, Values]]) -> Values:
    for family, compute in FAMILIES.items():
        if name.startswith(family):
            if family not in known:
                known[family] = compute(request)
            return known[family].get(name[len(family) :], ())
    return ()
