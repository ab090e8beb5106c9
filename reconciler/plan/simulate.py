"""What a plan leads to: the observed state after it, without a single call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from reconciler.model.identifiers import KeyId, TargetName
from reconciler.model.observed import ObservedState, Regions
from reconciler.plan.changes import Plan
from reconciler.plan.materials import rotated, shared
from reconciler.plan.order import nodes
from reconciler.plan.steps import ImportMaterial, PlannedKey, ReplicateKey, RotateOnDemand, Step, UpdatePrimary
from reconciler.plan.world import World


def simulate(plan: Plan, observed: ObservedState) -> ObservedState:
    """The state after every step of `plan`, in the plan's own order. Keys and grants get ids made from their names."""
    worlds = Worlds.of(observed)
    for node in nodes(plan):
        for step in node.steps:
            worlds.take(step, node.id.address.target)
    return worlds.observed()


@dataclass(frozen=True)
class Worlds:
    """Every target while a plan's steps are taken, and the keys that they created."""

    of_target: Mapping[TargetName, World]
    created: dict[PlannedKey, KeyId]

    @classmethod
    def of(cls, observed: ObservedState) -> Worlds:
        """Before the first step."""
        created: dict[PlannedKey, KeyId] = {}
        found = {
            name: World(target, dict(target.keys), dict(target.aliases), dict(target.stores), created)
            for name, target in observed.targets.items()
        }
        return cls(found, created)

    def observed(self) -> ObservedState:
        """After the last step that was taken."""
        return ObservedState({name: world.observed() for name, world in self.of_target.items()})

    def take(self, step: Step, target: TargetName) -> None:
        """Take a step of a change on `target`."""
        match step:
            case ReplicateKey():
                self._replicate(step, self.of_target[target])
            case UpdatePrimary():
                self._move(step)
            case ImportMaterial():
                self._import(step, self.of_target[target if step.at is None else step.at])
            case RotateOnDemand():
                self._rotate(step, self.of_target[target])
            case _:
                self.of_target[target].take(step)

    def _replicate(self, step: ReplicateKey, there: World) -> None:
        primary = self.of_target[step.at].key(step.primary)
        there.add_replica(step, primary)
        known = primary.regions or Regions(primary.region)
        self._relate(primary.key_id, Regions(known.primary, tuple(sorted({*known.replicas, step.region}))))

    def _move(self, step: UpdatePrimary) -> None:
        old = self.of_target[step.at].key(step.key)
        known = old.regions or Regions(old.region)
        replicas = {*known.replicas, known.primary} - {step.region}
        self._relate(old.key_id, Regions(step.region, tuple(sorted(replicas))))

    def _import(self, step: ImportMaterial, there: World) -> None:
        there.take(step)
        key_id = there.key_id(step.key)
        worlds = self._with(key_id)
        keys = [world.keys[key_id] for world in worlds]
        primary = next((key for key in keys if not key.is_replica), keys[0])
        for world, key in zip(worlds, shared(keys, primary), strict=True):
            world.keys[key_id] = key

    def _rotate(self, step: RotateOnDemand, here: World) -> None:
        """Every related key is; how often, the Key's own key tells, and each whose materials are read."""
        here.take(step)
        key_id = here.key_id(step.key)
        for world in self._with(key_id):
            key = rotated(world.keys[key_id])
            counted = replace(key, rotation=here.keys[key_id].rotation) if key.materials and key.rotation else key
            world.keys[key_id] = counted

    def _with(self, key_id: KeyId) -> list[World]:
        """Where related keys are: they have one id."""
        return [world for world in self.of_target.values() if key_id in world.keys]

    def _relate(self, key_id: KeyId, regions: Regions) -> None:
        """Tell each of the related keys, which have one id, where they all are."""
        for world in self._with(key_id):
            world.keys[key_id] = replace(world.keys[key_id], regions=regions)
