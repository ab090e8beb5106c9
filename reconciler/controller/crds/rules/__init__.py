"""What a schema cannot say, as rules in CEL: one file a kind, and what several kinds share.

The same is said by `manifest.checks`, with the position in a file; a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from reconciler.controller.crds.place import Placed
from reconciler.controller.crds.rules import accesstest, alias, grant, key, policy, replica, store, target
from reconciler.manifest.documents import ManifestKind

RULES: Mapping[ManifestKind, tuple[Placed, ...]] = MappingProxyType(
    {
        ManifestKind.KEY: key.RULES,
        ManifestKind.REPLICA_KEY: replica.RULES,
        ManifestKind.ALIAS: alias.RULES,
        ManifestKind.KEY_POLICY: policy.RULES,
        ManifestKind.GRANT: grant.RULES,
        ManifestKind.CUSTOM_KEY_STORE: store.RULES,
        ManifestKind.ACCESS_TEST: accesstest.RULES,
        ManifestKind.TARGET: target.RULES,
    }
)
"""Of each kind: which rule stands where in its schema."""
