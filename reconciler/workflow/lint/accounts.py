"""The accounts that are known without asking them."""

from __future__ import annotations

from reconciler.manifest.desire import target_names
from reconciler.manifest.documents import Manifests
from reconciler.manifest.resolve.where import whereabouts
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account


def declared_accounts(manifests: Manifests, run_target: TargetName) -> dict[TargetName, Account | None]:
    """Those that Targets declare, by address; what they do not say of their Region is empty, and nobody calls."""
    where = whereabouts(target_names(manifests), manifests.targets, {}, run_target)
    return {
        one.target: Account(one.account_id, one.region if one.region_known else "", one.partition, "")
        for one in where.values()
        if one.account_known
    }
