"""How kstatus tells the status of a custom resource: its rules in its order.

Source: https://github.com/kubernetes-sigs/cli-utils/tree/master/pkg/kstatus/status (Compute, checkGenericProperties,
checkGeneration, checkReadyCondition): deletion first, then the generation, then Reconciling and Stalled in the order in
which they stand, then Ready; without any of them an object is Current.
"""

from __future__ import annotations

from typing import Any


def kstatus(body: dict[str, Any]) -> str:
    """InProgress, Failed, Current or Terminating."""
    metadata, status = body["metadata"], body.get("status", {})
    if metadata.get("deletionTimestamp"):
        return "Terminating"
    observed = status.get("observedGeneration")
    if "generation" in metadata and observed is not None and observed != metadata["generation"]:
        return "InProgress"
    conditions = status.get("conditions", [])
    for condition in conditions:
        if condition["status"] == "True" and condition["type"] in ("Reconciling", "Stalled"):
            return "InProgress" if condition["type"] == "Reconciling" else "Failed"
    for condition in conditions:
        if condition["type"] == "Ready":
            return "Current" if condition["status"] == "True" else "InProgress"
    return "Current"
