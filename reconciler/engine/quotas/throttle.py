"""Request quotas: whether a call comes too soon after others.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/throttling.html
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Final

from reconciler.engine.call import Call
from reconciler.engine.quotas.charges import Charge, charges
from reconciler.engine.quotas.limits import rate_of
from reconciler.engine.store.request_counts import FILE_NAME, Counted, Counters
from reconciler.engine.store.trouble import folder_trouble
from reconciler.kit.errors import KmsError
from reconciler.kit.quotas import Profile, load

UNLIMITED: Final = frozenset({"tagging", "sts"})
"""Services whose quotas AWS does not publish: their calls are not counted."""
_REMEMBERED: Final = 4_096
"""Counts of accounts, Regions and quotas whose names and rates are kept."""


class Throttle:
    """Counts the calls of every account and Region against a profile of quotas, as far as they were not raised.

    Raises:
        KmsctlError: the data folder cannot be used.
    """

    def __init__(self, folder: Path, profile: Profile) -> None:
        self.data = load(profile)
        self._counted = lru_cache(_REMEMBERED)(self._count)
        try:
            self._counters = Counters(folder / FILE_NAME)
        except OSError as error:
            raise folder_trouble(error, folder / FILE_NAME) from None

    def admit(self, call: Call) -> None:
        """Count `call`.

        Raises:
            KmsError: ThrottlingException.
        """
        if call.name.partition(":")[0] in UNLIMITED:
            return
        counted = [self._count_of(call, charge) for charge in charges(call, self.data)]
        if not self._counters.take(counted, call.now):
            raise KmsError(
                "ThrottlingException",
                "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
            )

    def close(self) -> None:
        """Let go of the counts."""
        self._counters.close()

    def _count_of(self, call: Call, charge: Charge) -> Counted:
        account = call.caller.account
        raised = call.store.quotas.raised(account, charge.region).get(charge.quota)
        return self._counted(account, charge, raised)

    def _count(self, account: str, charge: Charge, raised: float | None) -> Counted:
        rate = rate_of(self.data, charge.region, charge.quota) if raised is None else raised
        name = f"{account} {charge.region} {charge.quota} {charge.key_store or ''}"
        return Counted.of(name, charge.cost, rate)


def within_quota(call: Call) -> None:
    """The stage of the pipeline: count the call, when calls are counted.

    Raises:
        KmsError: ThrottlingException.
    """
    if call.throttle is not None:
        call.throttle.admit(call)
