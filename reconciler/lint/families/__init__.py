"""The code of the checks, a file a family; a new one is a new file and one line here."""

from __future__ import annotations

from reconciler.lint.families import (
    actions,
    conditions,
    crossing,
    documents,
    exposure,
    grants,
    identities,
    lifecycle,
    lockout,
    metadata,
    principals,
    privilege,
    rotation,
    shadows,
    values,
)
from reconciler.lint.registry import Family, IdentityProbe

KEY_FAMILIES: tuple[Family, ...] = (
    documents.PROBES,
    actions.PROBES,
    conditions.PROBES,
    values.PROBES,
    principals.PROBES,
    shadows.PROBES,
    exposure.PROBES,
    lockout.PROBES,
    crossing.PROBES,
    privilege.PROBES,
    grants.PROBES,
    rotation.PROBES,
    lifecycle.PROBES,
    metadata.PROBES,
)
IDENTITY_PROBES: dict[str, IdentityProbe] = identities.PROBES
SLOW: frozenset[str] = frozenset(shadows.PROBES)
"""Checks that ask what policies mean, which takes seconds where they are large; the others take milliseconds."""
