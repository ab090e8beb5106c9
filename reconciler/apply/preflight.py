"""What must be at hand before the first call of a run: every secret that a step of the plan will need.

Each is read and looked at once, and forgotten; a run that lacks one, or has one of the wrong form, changes nothing.
"""

from __future__ import annotations

from reconciler.apply.secrets import Secrets
from reconciler.apply.stores import secret_text
from reconciler.model.stores import CREDENTIAL_ID, SECRET
from reconciler.plan.changes import Plan
from reconciler.plan.steps import CreateCustomKeyStore, ImportMaterial, UpdateCustomKeyStore


def check_secrets(plan: Plan, secrets: Secrets) -> None:
    """See that every secret is there and of the right form.

    Raises:
        KmsctlError: one is not.
    """
    for _, step in plan.steps():
        match step:
            case ImportMaterial():
                from reconciler.apply.material.forms import material_in

                material_in(secrets(step.source).content, step.source, step.key_spec)
            case CreateCustomKeyStore(_, backing):
                secret_text(backing, secrets)
            case UpdateCustomKeyStore(_, backing, changed) if not {CREDENTIAL_ID, SECRET}.isdisjoint(changed):
                secret_text(backing, secrets)
            case _:
                pass
