"""Keys that no manifest declares: ids, ARNs and aliases as they are written in manifests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Message
from reconciler.manifest.resolve.principals import wrong_partition
from reconciler.manifest.resolve.where import Where

_KEY_ID: Final = re.compile(r"mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_ALIAS: Final = re.compile(r"alias/[a-zA-Z0-9/_-]{1,250}")


def check_key_reference(text: str, where: Where, *, own_account: bool, aliases: bool) -> Iterator[Message]:
    """What is wrong with `text` as the name of a key.

    Args:
        text: with its pseudo parameters filled in.
        where: the account and Region from which it is used.
        own_account: whether the key must be of that account.
        aliases: whether the key may be named by an alias.
    """
    arn = Arn.parse(text)
    resource = arn.resource.removeprefix("key/") if arn else text
    is_key = _KEY_ID.fullmatch(resource) is not None and (arn is None or arn.resource.startswith("key/"))
    is_alias = aliases and _ALIAS.fullmatch(resource) is not None
    if not (is_key or is_alias) or (arn is not None and arn.service != "kms"):
        named = "key id, key ARN or alias" if aliases else "key id or key ARN"
        yield Message(
            "invalid-key-reference",
            f"{printable(text)} is no {named}",
            "key ids are UUIDs, or mrk- and 32 digits, in lower case",
            "copy it from `aws kms describe-key` or `kmsctl show`",
        )
    elif resource.startswith("alias/aws/"):
        why = "aliases that begin with alias/aws/ name keys that AWS manages, which nobody else can change or grant on"
        yield Message("reserved-alias", f"{printable(text)} is a key of AWS's own", why, "use a customer managed key")
    elif arn:
        yield from _check_arn(text, arn, where, own_account=own_account)


def _check_arn(text: str, arn: Arn, where: Where, *, own_account: bool) -> Iterator[Message]:
    if where.region_known and arn.partition != where.partition:
        yield wrong_partition(text, arn, where.partition)
        return
    if where.region_known and arn.region != where.region:
        yield Message(
            "wrong-region-arn",
            f"{printable(text)} is in the Region {arn.region}, the manifest's target in {where.region}",
            "a key can be used in its own Region only",
            "name a key of the same Region, or add a `targetRef`",
        )
    if own_account and where.account_known and arn.account != where.account_id:
        yield Message(
            "wrong-account-arn",
            f"{printable(text)} is of account {arn.account}, the manifest's target of account {where.account_id}",
            "aliases are made, and keys are managed, in the key's own account only",
            "name a key of the same account, or add a `targetRef`",
        )
