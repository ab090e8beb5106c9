"""The request context that follows from a key, a principal and what is asked.

The same condition keys as the bundled KMS computes of a real call, as far as a question without a call has them. What
depends on the caller's network, its credentials or on time is missing unless the question says it.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from reconciler.policy.access.ask import Ask
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.known import CARRY
from reconciler.policy.evaluate import Facts, Requester, RequesterKind

Values = tuple[str, ...]

_TYPES = MappingProxyType({
    RequesterKind.ROOT: "Account",
    RequesterKind.USER: "User",
    RequesterKind.ROLE: "AssumedRole",
    RequesterKind.SESSION: "AssumedRole",
    RequesterKind.FEDERATED_USER: "FederatedUser",
})  # fmt: skip
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#principaltable"""

_MANAGES_GRANTS = frozenset({"kms:creategrant", "kms:listgrants", "kms:revokegrant"})

_DEFAULTS = MappingProxyType({
    "kms:enablekeyrotation": ("kms:rotationperiodindays", "365"),
    "kms:getkeypolicy": ("kms:policyname", "default"),
    "kms:putkeypolicy": ("kms:policyname", "default"),
    "kms:schedulekeydeletion": ("kms:schedulekeydeletionpendingwindowindays", "30"),
    "kms:sign": ("kms:messagetype", "RAW"),
    "kms:verify": ("kms:messagetype", "RAW"),
})  # fmt: skip
"""Parameters whose default counts in conditions, by action."""

_SYMMETRIC = "SYMMETRIC_DEFAULT"
_ENCRYPTS = frozenset({"kms:encrypt", "kms:decrypt", "kms:reencryptfrom", "kms:reencryptto"})
_DATA_KEYS = "kms:generatedatakey"


def facts_of(key: KeyFacts, ask: Ask) -> Facts:
    """The condition keys, in lower case, of the request `ask` for `key`."""
    requester = Requester.of(ask.principal)
    return {
        **facts_of_key(key),
        **facts_of_principal(requester),
        **_of_way(key, requester, ask),
        **_of_parameters(key, ask),
        **ask.facts,
    }


def facts_of_key(key: KeyFacts) -> Facts:
    """What is known of every request for `key`."""
    found: dict[str, Values] = {
        "aws:requestedregion": (key.region,),
        "aws:resourceaccount": (key.account,),
        "aws:securetransport": ("true",),  # KMS answers nothing but TLS
        "kms:customermasterkeyspec": (key.spec,),
        "kms:customermasterkeyusage": (key.usage,),
        "kms:keyorigin": (key.origin,),
        "kms:keyspec": (key.spec,),
        "kms:keyusage": (key.usage,),
        "kms:multiregion": ("true" if key.multi_region else "false",),
    }
    if key.organization is not None:
        found["aws:resourceorgid"] = (key.organization,)
    if key.multi_region:
        found["kms:multiregionkeytype"] = ("REPLICA" if key.replica else "PRIMARY",)
    if key.aliases:
        found["kms:resourcealiases"] = tuple(sorted(key.aliases))
    return found | _folded("aws:resourcetag/", key.tags)


@lru_cache(maxsize=4096)
def facts_of_principal(requester: Requester) -> Facts:
    """What is known of every request of `requester`."""
    service = requester.kind is RequesterKind.SERVICE
    found: dict[str, Values] = {"aws:principalisawsservice": ("true" if service else "false",)}
    if service:
        found["aws:principalservicename"] = found["aws:principalservicenameslist"] = (requester.arn,)
        return MappingProxyType(found)
    found["aws:principalarn"] = (principal_arn(requester),)
    if requester.account is not None:
        found["aws:principalaccount"] = found["kms:calleraccount"] = (requester.account,)
    if requester.kind in _TYPES:
        found["aws:principaltype"] = (_TYPES[requester.kind],)
    if requester.kind is RequesterKind.USER:
        found["aws:username"] = (requester.arn.rpartition("/")[2],)
    return MappingProxyType(found)


def principal_arn(requester: Requester) -> str:
    """`aws:PrincipalArn`: of a session its role's, without the role's path, which the session's ARN does not tell."""
    if requester.kind is RequesterKind.SESSION and requester.role is not None:
        return requester.role
    return requester.arn


def _of_way(key: KeyFacts, requester: Requester, ask: Ask) -> dict[str, Values]:
    """How the request comes: from the principal itself, or through a service that acts for it."""
    service = service_name(ask.via) if ask.via else None
    found: dict[str, Values] = {}
    if ask.action.lower() in _MANAGES_GRANTS:
        managed = service is not None or requester.kind is RequesterKind.SERVICE
        found["kms:grantisforawsresource"] = ("true" if managed else "false",)
    found["aws:viaawsservice"] = ("true" if service else "false",)
    if service is not None:
        found["kms:viaservice"] = (f"{service.partition('.')[0]}.{key.region}.amazonaws.com",)
        found["aws:calledvia"] = found["aws:calledviafirst"] = found["aws:calledvialast"] = (service,)
    return found


def service_name(via: str) -> str:
    """The service principal of `via`: `s3`, `s3.amazonaws.com` or `s3.us-east-1.amazonaws.com`, all the same."""
    return f"{via.partition('.')[0]}.amazonaws.com"


def _of_parameters(key: KeyFacts, ask: Ask) -> dict[str, Values]:
    action = ask.action.lower()
    found = _folded("kms:encryptioncontext:", ask.context) if action in CARRY else {}
    if found:
        found["kms:encryptioncontextkeys"] = tuple(ask.context)
    if action in _DEFAULTS:
        name, value = _DEFAULTS[action]
        found[name] = (value,)
    if action.startswith(_DATA_KEYS) or (action in _ENCRYPTS and key.spec == _SYMMETRIC):
        found["kms:encryptionalgorithm"] = (_SYMMETRIC,)
    return found


def _folded(prefix: str, pairs: Mapping[str, str]) -> dict[str, Values]:
    """`pairs` as condition keys: the case of their names does not count, so several pairs may be one key's values."""
    found: dict[str, Values] = {}
    for name, value in pairs.items():
        folded = f"{prefix}{name.lower()}"
        found[folded] = (*found.get(folded, ()), value)
    return found
