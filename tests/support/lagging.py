"""A `Kms` whose reads lag behind its writes, as AWS's may."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reconciler.kit.clock import Clock
from reconciler.kit.errors import KmsError
from reconciler.kms.port import Kms


class Lagging:
    """New keys show in `DescribeKey` and `ListKeys` after `lag` seconds, in the tagging service after `tagging_lag`."""

    def __init__(self, kms: Kms, clock: Clock, *, lag: float = 0.0, tagging_lag: float = 0.0) -> None:
        self._kms = kms
        self._clock = clock
        self._lag = lag
        self._tagging_lag = tagging_lag

    def __call__(self, operation: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        answer = self._kms(operation, parameters)
        match operation:
            case "DescribeKey" if not self._shows(parameters["KeyId"], self._lag):
                raise KmsError("NotFoundException", "not yet", operation=operation)
            case "ListKeys":
                answer["Keys"] = [entry for entry in answer["Keys"] if self._shows(entry["KeyId"], self._lag)]
            case "tagging:GetResources":
                answer["ResourceTagMappingList"] = [
                    mapping
                    for mapping in answer["ResourceTagMappingList"]
                    if self._shows(mapping["ResourceARN"], self._tagging_lag)
                ]
        return answer

    def _shows(self, key: str, lag: float) -> bool:
        if not lag:
            return True
        created = self._kms("DescribeKey", {"KeyId": key})["KeyMetadata"]["CreationDate"]
        return (self._clock.now() - created).total_seconds() >= lag
