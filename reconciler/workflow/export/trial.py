"""Whether a manifest that was written would be taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.kit.diagnostics import Diagnostic
from reconciler.kit.errors import InvalidInput
from reconciler.manifest.desire import desire
from reconciler.manifest.load import load
from reconciler.manifest.sources import Source
from reconciler.model.identifiers import RUN_TARGET
from reconciler.model.observed import Account
from reconciler.report.yaml.blocks import document
from reconciler.workflow.export.values import Place, manifest
from reconciler.workflow.session import Session


def faults_of(value: Mapping[str, Any], account: Account, session: Session) -> tuple[Diagnostic, ...]:
    """What `kmsctl plan` would find wrong with a manifest of a key, on the run's target in `account`."""
    spec = {name: child for name, child in value["spec"].items() if name != "targetRef"}
    documents = [document({**value, "spec": spec})]
    primary = spec.get("primary")
    if primary:
        region = primary["keyArn"].split(":")[3]
        elsewhere = {"backend": "local", "region": region, "accountId": account.account_id}
        documents.append(document(manifest("Target", Place(primary["targetRef"]["name"]), elsewhere)))
    try:
        desire(
            load([Source("-", "---\n".join(documents))]), stack=session.desired.stack, accounts={RUN_TARGET: account}
        )
    except InvalidInput as error:
        return tuple(error.diagnostics)
    return ()
