"""Validate: everything that can be said of manifests without a KMS."""

from __future__ import annotations

from reconciler.manifest.desire import desire, target_names
from reconciler.model.desired import DesiredState
from reconciler.model.identifiers import RUN_TARGET
from reconciler.workflow.choice import chosen
from reconciler.workflow.request import Request


def check(request: Request) -> DesiredState:
    """What the manifests declare, on accounts that nobody asked.

    Raises:
        InvalidInput: the manifests have errors.
        KmsctlError: there is no Target of the run's name.
    """
    choice, manifests = request.choice, request.manifests
    names = {RUN_TARGET, *chosen(manifests.targets, target_names(manifests), choice)}
    return desire(manifests, stack=request.stack, accounts=dict.fromkeys(names), run_target=choice.run_target)
