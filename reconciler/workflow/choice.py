"""Which target a run means: what the manifests, `kmsctl.yaml` and the command line say, put together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from typing import Literal

from reconciler.kit.errors import KmsctlError
from reconciler.model.identifiers import RUN_TARGET, TargetName
from reconciler.model.target import Target

LOCAL_TARGET = TargetName("local")
"""The built-in target: the bundled KMS."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What the command line says of targets. None: it says nothing."""

    target: TargetName | None = None
    """The run's target, by name."""
    backend: Literal["aws", "local"] | None = None
    """`local` takes every target to the bundled KMS, to rehearse; `aws` takes the run's own to AWS."""
    endpoint_url: str | None = None
    """For every AWS target, so that a run against a stand-in never reaches the real one."""
    profile: str | None = None
    """For the run's own target, as `region`."""
    region: str | None = None

    @property
    def run_target(self) -> TargetName:
        """The name that `desire` knows the run's target by."""
        return RUN_TARGET if self.target is None else self.target

    @property
    def names_run_target(self) -> bool:
        """Whether it says that there is something to do on the run's target, whatever the manifests say."""
        return any(said is not None for said in (self.target, self.backend, self.profile, self.region))


def chosen(
    declared: Mapping[TargetName, Target], names: Iterable[TargetName], choice: Choice
) -> dict[TargetName, Target]:
    """The targets to open: those called `names`, and as `RUN_TARGET` the run's own.

    That one is left out when every resource names another target and the command line says nothing of it.

    Raises:
        KmsctlError: there is no target of that name, or the command line contradicts it.
    """
    others = set(names) - {RUN_TARGET, choice.run_target}
    targets = {name: _everywhere(_named(declared, name), choice) for name in sorted(others)}
    if not others or others != set(names) or choice.names_run_target:
        targets[RUN_TARGET] = _run_target(declared, choice)
    _must_apply(targets, choice)
    return targets


def must_be_for_commands(targets: Iterable[Target]) -> None:
    """Whether a command can reach `targets`; validating them needs no more than their manifests.

    Raises:
        KmsctlError: the credentials of one are where only the operator can read them.
    """
    for target in targets:
        if target.credentials is not None:
            raise KmsctlError(
                f"the credentials of the Target {target.name!r} are in the Secret {target.credentials.secret_name!r}",
                why="only the operator can read it, and credentials of this machine may be somebody else's",
                fix="say --profile for the run's own target, take all targets to the bundled KMS with --backend "
                "local, or give the commands a Target without `credentials`",
            )


def _run_target(declared: Mapping[TargetName, Target], choice: Choice) -> Target:
    target = Target() if choice.target is None else _named(declared, choice.target)
    if choice.backend == "aws":
        target = replace(target, backend="aws")
    if choice.profile is not None:
        target = replace(target, profile=choice.profile, credentials=None)
    if choice.region is not None:
        target = replace(target, region=choice.region)
    return _everywhere(target, choice)


def _everywhere(target: Target, choice: Choice) -> Target:
    if choice.backend == "local":
        target = replace(target, backend="local", credentials=None)
        return replace(target, endpoint_url=None, profile=None, role_arn=None, external_id=None)
    if choice.endpoint_url is not None and target.backend == "aws":
        return replace(target, endpoint_url=choice.endpoint_url)
    return target


def _must_apply(targets: Mapping[TargetName, Target], choice: Choice) -> None:
    """An option that changes nothing is a mistake: somebody believes that the run goes to AWS."""
    for option, value, used in (
        ("--endpoint-url", choice.endpoint_url, any(target.backend == "aws" for target in targets.values())),
        ("--profile", choice.profile, RUN_TARGET in targets and targets[RUN_TARGET].backend == "aws"),
    ):
        if value is not None and not used:
            raise KmsctlError(
                f"{option} is for AWS, and the run goes to the bundled KMS",
                why="no Target and no --backend says that it goes to AWS",
                fix="add --backend aws, or --target with the name of a Target whose backend is aws",
            )


def _named(declared: Mapping[TargetName, Target], name: TargetName) -> Target:
    if name in declared:
        return declared[name]
    if name == LOCAL_TARGET:
        return Target(LOCAL_TARGET)
    near = get_close_matches(name, [*declared, LOCAL_TARGET], n=1)
    raise KmsctlError(
        f"there is no Target {name!r}",
        why="the manifests of the run declare " + (", ".join(sorted(declared)) or "no Target"),
        fix=f"did you mean {near[0]!r}?" if near else "declare it, or give -f the file that does",
    )
