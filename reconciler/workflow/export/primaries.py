"""How a ReplicaKey says which key it is a replica of, and where that is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from reconciler.kit.arn import Arn
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import ObservedKey
from reconciler.model.target import Target
from reconciler.report.yaml.export import Exported
from reconciler.workflow.export.values import Place, immutable, manifest


@dataclass(slots=True)
class Primaries:
    """The Targets that replicas need, of which those that nobody declares are written, too."""

    open: Mapping[TargetName, Target]
    """Those that were read."""
    declared: Mapping[TargetName, Target]
    made: dict[str, dict[str, Any]] = field(default_factory=dict)

    def of(self, target: TargetName, key: ObservedKey) -> dict[str, Any]:
        """`spec.primary` of the replica `key`, which was read on `target`."""
        region = key.regions.primary if key.regions else key.region
        fixed = {name: value for name, value in immutable(key).items() if name != "multiRegion"}
        arn = key.arn.replace(f":{key.region}:", f":{region}:", 1)
        return {"primary": {"keyArn": arn, "targetRef": {"name": self._target(target, key, region)}, **fixed}}

    def targets(self) -> tuple[Exported, ...]:
        """Manifests of the Targets that were made up."""
        return tuple(Exported(self.made[name]) for name in sorted(self.made))

    def _target(self, target: TargetName, key: ObservedKey, region: str) -> str:
        arn = Arn.parse(key.arn)
        account = arn.account if arn else None
        for name, declared in sorted(self.declared.items()):
            if declared.region == region and declared.account_id in (None, account):
                return name
        self.made.setdefault(region, _made(self.open[target], region, account))
        return region


def _made(like: Target, region: str, account: str | None) -> dict[str, Any]:
    """A Target as `like`, in `region`."""
    fields = {
        "backend": like.backend,
        "region": region,
        "accountId": account,
        "profile": like.profile,
        "roleArn": like.role_arn,
        "externalId": like.external_id,
        "endpointUrl": like.endpoint_url,
    }
    return manifest("Target", Place(region), {name: value for name, value in fields.items() if value is not None})
