"""What a run is called, so that the alerts of one are not taken for those of another.

GitHub takes the part before the last slash as the category of an upload, and an upload closes the alerts of its
category that are not in it: runs on two accounts need two.
Source: https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from reconciler.kit.canonical import digest
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import Account

_DIGITS = 12


def category(*names: str, accounts: Mapping[TargetName, Account]) -> str:
    """The category of a run by its names and where it looked: `kmsctl-drift/payments/111122223333.eu-central-1/`.

    Of several accounts or Regions it has a digest, so that it stays short.
    """
    places = sorted({f"{account.account_id}.{account.region}" for account in accounts.values()})
    where = places if len(places) <= 1 else [digest(places)[:_DIGITS]]
    return "".join(f"{quote(name, safe='', errors='surrogateescape')}/" for name in [*names, *where])
