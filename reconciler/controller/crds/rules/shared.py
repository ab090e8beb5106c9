"""Rules of names, tags and policies, which several kinds have."""

from __future__ import annotations

from typing import Final

from reconciler.controller.crds.place import Placed, at
from reconciler.controller.crds.rule import Rule, never_both, text
from reconciler.model.ownership import TAG_PREFIX

ALIAS_NAME: Final = (
    Rule(
        "!self.startsWith('aws/') && !self.startsWith('alias/aws/')",
        "names that begin with alias/aws/ belong to AWS's own keys; choose another name",
    ),
    Rule("self != 'alias/'", "it is only the prefix: an alias needs a name; add it"),
    Rule(
        "size(self) <= (self.startsWith('alias/') ? 256 : 250)",
        "it has too many characters with its prefix: at most 256 are allowed; make it shorter",
    ),
)
"""Of every alias name. Source: https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html"""

_BARE: Final = "({0}.startsWith('alias/') ? {0}.substring(6) : {0})"
_ALIASES: Final = Rule(
    f"self.all(one, self.exists_one(other, {_BARE.format('one')} == {_BARE.format('other')}))",
    "an alias is declared twice, with and without its prefix: it points to one key; remove one of them",
)
_ID: Final = "(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_ALIAS: Final = "alias/[a-zA-Z0-9/_-]{1,250}"
_IN_KMS: Final = "arn:.+:kms:.+:"
"""With pseudo parameters, which have a colon of their own."""
_HOW: Final = (
    "key ids are UUIDs, or mrk- and 32 digits, in lower case; copy it from `aws kms describe-key` or `kmsctl show`"
)
KEY_ID: Final = Rule(f"self.matches('^({_IN_KMS}key/)?{_ID}$')", f"it is no key id or key ARN: {_HOW}")
KEY_ARN: Final = Rule(f"self.matches('^{_IN_KMS}key/{_ID}$')", f"it is no key ARN: {_HOW}")
EXTERNAL_KEY: Final = (
    Rule(
        f"self.matches('^(({_IN_KMS}key/)?{_ID}|({_IN_KMS})?{_ALIAS})$')",
        f"it is no key id, key ARN or alias: {_HOW}",
    ),
    Rule(
        "!self.startsWith('alias/aws/') && !self.contains(':alias/aws/')",
        "aliases that begin with alias/aws/ name keys that AWS manages, which nobody else can change or grant on; use "
        "a customer managed key",
    ),
)

_TAGS: Final = (
    Rule(
        "self.all(name, !name.lowerAscii().startsWith('aws:'))",
        "tags that begin with aws: belong to AWS; choose another name",
    ),
    Rule(
        f"self.all(name, !name.startsWith({text(TAG_PREFIX)}))",
        f"tags that begin with {TAG_PREFIX} are how kmsctl knows its keys; choose another name",
    ),
    Rule(
        r"self.all(name, name.matches('^[\\p{L}\\p{N}\\p{Zs}_.:/=+@-]*$'))",
        "the name of a tag holds a character that is not possible: tags have letters, digits, spaces and _ . : / = + - "
        "@; remove it",
    ),
    Rule(
        r"self.all(name, self[name].matches('^([\\p{L}\\p{N}\\p{Zs}_.:/=+@-]|[$][{][aA][wW][sS]:[^{}]*[}])*$'))",
        "the value of a tag holds a character that is not possible: tags have letters, digits, spaces and "
        "_ . : / = + - @; remove it",
    ),
)
"""Source: https://docs.aws.amazon.com/general/latest/gr/aws_tagging.html"""

_ROLES: Final = ("administrators", "users", "readOnly", "grantors", "accounts", "statements", "delegateToIam")

DOCUMENT_OR_ROLES: Final = Rule(
    f"!has(dyn(self).document) || !({' || '.join(f'has(self.{role})' for role in _ROLES)})",
    "the policy has `document` and roles: a document is taken as it is, so nothing can be added to it; write "
    "everything into the document, or use roles and `statements` only",
)
"""`dyn`, because a field without a type is not declared in CEL; whether it is there shows nevertheless."""


def independent() -> tuple[Placed, ...]:
    """What each of related keys has for itself: aliases, tags, a policy."""
    return (
        *at("spec", never_both("policy", "policyRef", "a key has one policy")),
        *at("spec.aliases", _ALIASES),
        *at("spec.aliases.[]", *ALIAS_NAME),
        *at("spec.tags", *_TAGS),
        *at("spec.policy", DOCUMENT_OR_ROLES),
    )


def same_target(there: str) -> Rule:
    """That a resource stays where it is, once `there`, a path of its status, is known.

    From the default target to that target by name is no move, so only a name that becomes another one counts.
    """
    return fixed(
        "targetRef",
        "has(self.spec.targetRef) && has(oldSelf.spec.targetRef) && "
        "self.spec.targetRef.name != oldSelf.spec.targetRef.name",
        there,
        "`targetRef` can never change: what is there stays in its account and Region; declare another resource there",
    )


def fixed(field: str, changes: str, there: str, message: str) -> Rule:
    """That `field` of `spec` does not change, which `changes` says in CEL, once `there`, of the status, is known.

    Before that, a slip can be mended: nothing was made of it yet.
    """
    return Rule(f"!oldSelf.?status.?{there}.hasValue() || !({changes})", message, f".spec.{field}")
