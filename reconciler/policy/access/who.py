"""Everybody who may do something with a key, and everybody who is named and may not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reconciler.policy.access.answer import Standing
from reconciler.policy.access.entry import Entry, Way
from reconciler.policy.access.identities import Identities
from reconciler.policy.access.key import KeyFacts
from reconciler.policy.access.subjects import Subject, subjects
from reconciler.policy.access.ways import Asked, allowing, denying
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import IdentityPolicies, Source, Unparsable

_BETTER = (Standing.ALLOWED, Standing.DELEGATED, Standing.DENIED)


def who(key: KeyFacts, actions: Iterable[str], identities: Identities | None = None) -> tuple[Entry, ...]:
    """What every principal that is named anywhere may do of `actions`, e.g. `kms:Decrypt`.

    Named are the principals of the key policy, those that its conditions ask for by `aws:PrincipalArn`, and grantees;
    and everybody in the accounts that `identities` know. What an account delegates to its IAM policies is told once,
    under its root ARN, unless they are known. Whoever may not, and is not denied explicitly, is left out. A policy
    that cannot be read lets nobody in.
    """
    if isinstance(key.policy, Unparsable):
        return ()
    asked = tuple(actions)
    key = identities.guarded(key) if identities else key
    if not all(isinstance(one.document, PolicyDocument) for one in key.control):
        return ()
    return tuple(entry for subject in subjects(key, identities) for entry in _entries(key, subject, asked))


def _entries(key: KeyFacts, subject: Subject, actions: Iterable[str]) -> Iterator[Entry]:
    if subject.identity is not None and not _readable(subject.identity):
        return
    for action in actions:
        asked = Asked.of(key, subject, action)
        allowed, denied = tuple(allowing(asked)), tuple(denying(asked))
        always = tuple(way for way in denied if not way.conditions and not way.excluded)
        if not always and allowed:
            ways = tuple(sorted(allowed, key=_order))
            standing = min((way.standing for way in ways), key=_BETTER.index)
            yield Entry(subject.requester.arn, action, standing, ways, denied)
        elif allowed or any(_names(subject, way) for way in always):
            yield Entry(subject.requester.arn, action, Standing.DENIED, always)


def _order(way: Way) -> tuple[object, ...]:
    causes = tuple((cause.source.value, cause.name, cause.index) for cause in way.causes)
    return bool(way.conditions), _BETTER.index(way.standing), causes


def _names(subject: Subject, way: Way) -> bool:
    return any(cause.source is Source.KEY_POLICY and cause.index in subject.statements for cause in way.causes)


def _readable(identity: IdentityPolicies) -> bool:
    return not any(isinstance(one.document, Unparsable) for one in identity.every)
