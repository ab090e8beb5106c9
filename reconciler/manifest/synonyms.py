"""Fields as other tools and the AWS API call them, and what a manifest says instead.

Sources: https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/kms_key,
https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-kms-key.html, and the definitions of
the resources of ACK (https://aws-controllers-k8s.github.io/community/reference/, kms.services.k8s.aws) and Crossplane
(https://marketplace.upbound.io/providers/upbound/provider-aws-kms, kms.aws.upbound.io).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

Fix = tuple[str, str]
"""A field that must be known where the word stands, and what to do."""


def _write(field: str, instead: str = "") -> Fix:
    return field, f"write `{instead or field}` instead"


_PROTECT: Final = (_write("deletion", "deletion: {protect: true}"),)
_WINDOW: Final = (_write("deletion", "deletion: {windowDays: …}"),)
_STORE: Final = (_write("customKeyStoreRef", "customKeyStoreRef: {name: …}"),)
_PRIMARY: Final = _write("primary", "primary: {keyArn: …}")
_KEY: Final = (
    ("keyRef", "write `keyRef: {name: …}` instead, or `key: …` for a key that no manifest declares"),
    _PRIMARY,
    _write("adopt", "adopt: {keyId: …}"),
)
_KEY_REF: Final = (_write("keyRef", "keyRef: {name: …}"),)
_PRIMARY_REF: Final = (_write("primaryRef", "primaryRef: {name: …}"),)
_BY_LABELS: Final = "write `{}: {{name: …}}` instead: objects are referred to by name, never by label"
_REGION: Final = (("targetRef", "remove it: the Region is that of the Target, which `targetRef` names"),)
_PROVIDER: Final = (_write("targetRef", "targetRef: {name: …}"),)
_OUTPUT: Final = (("targetRef", "remove it: `status` has the key id and the ARN"),)
_MATERIAL: Final = (_write("importedMaterial", "importedMaterial: {from: {secretRef: {name: …, key: …}}}"),)
_SYNONYMS: Final[Mapping[str, tuple[Fix, ...]]] = MappingProxyType(
    {
        "aliasname": (_write("name"),),
        "bypasspolicylockoutsafetycheck": (
            (
                "policy",
                "remove it: a policy that locks administrators out is refused until `policy-lockout` is allowed",
            ),
        ),
        "customermasterkeyspec": (_write("keySpec"),),
        "customkeystoreid": _STORE,
        "deletionpolicy": (_write("deletion", "deletion: {policy: …}"),),
        "deletionwindowindays": _WINDOW,
        "enablekeyrotation": (_write("rotation", "rotation: {automatic: {}}"),),
        "forprovider": (("targetRef", "write its fields in `spec` itself"),),
        "from": (("name", "write `name` in its place: a reference is `{name: …}`"),),
        "granteeprincipalref": (("granteePrincipal", "write the role or user in `granteePrincipal`"),),
        "granteeprincipalselector": (("granteePrincipal", "write the role or user in `granteePrincipal`"),),
        "granttokens": (("operations", "remove it: a grant token lasts for minutes, and is for a call"),),
        "isenabled": (_write("enabled"),),
        "keyid": _KEY,
        "keyidref": _KEY_REF,
        "keyidselector": (("keyRef", _BY_LABELS.format("keyRef")),),
        "keymaterialbase64": _MATERIAL,
        "keymaterialbase64secretref": _MATERIAL,
        "keypolicy": (_write("policy", "policy: {document: …}"),),
        "lifecycle": _PROTECT,
        "managementpolicies": (
            ("driftPolicy", "write `driftPolicy: Report` for a key that is only watched; keys are kept by default"),
        ),
        "name": (("operations", "remove it: the grant is called as its object, by `metadata.name`"),),
        "pendingwindowindays": _WINDOW,
        "preventdestroy": _PROTECT,
        "primarykeyarn": (_PRIMARY,),
        "primarykeyarnref": _PRIMARY_REF,
        "primarykeyarnselector": (("primaryRef", _BY_LABELS.format("primaryRef")),),
        "providerconfigref": _PROVIDER,
        "region": _REGION,
        "replicaregion": _REGION,
        "rotationperiodindays": (_write("rotation", "rotation: {automatic: {periodDays: …}}"),),
        "targetkeyid": _KEY[:1],
        "targetkeyidref": _KEY_REF,
        "targetkeyidselector": (("keyRef", _BY_LABELS.format("keyRef")),),
        "targetkeyref": _KEY_REF,
        "validto": (_write("importedMaterial", "importedMaterial: {validTo: …}"),),
        "writeconnectionsecrettoref": _OUTPUT,
    }
)
"""By the name in lower case without underscores and dashes."""


def fix_of(name: str, known: Collection[str]) -> str:
    """What to do about the field `name` where the fields `known` are; empty when no other tool calls one so."""
    for field, fix in _SYNONYMS.get(name.lower().replace("_", "").replace("-", ""), ()):
        if field in known:
            return fix
    return ""
