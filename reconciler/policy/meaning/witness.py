"""Whether two policies mean the same.

Requests are without end, but policies tell few of them apart: a requester for all whom they treat alike, an action for
all that the same statements are about, and for each condition key a value for each way to answer all that is asked of
it. What is told of these is told of all.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

from reconciler.kit.arn import key_arn as arn_of_key
from reconciler.policy.document import PolicyDocument
from reconciler.policy.evaluate import Facts, Requester
from reconciler.policy.evaluate.question import Question
from reconciler.policy.meaning.actionspace import ActionSpace
from reconciler.policy.meaning.automaton import Gap, Pattern, TooLongError
from reconciler.policy.meaning.clauses import Columns, Rules, TakenApart, take_apart
from reconciler.policy.meaning.column import RESOURCE
from reconciler.policy.meaning.comparison import Comparison, UnclearError
from reconciler.policy.meaning.effectiveness import effectiveness
from reconciler.policy.meaning.following import Following
from reconciler.policy.meaning.outcome import Difference, Undecided, Witness
from reconciler.policy.meaning.people import Mentioned, people
from reconciler.policy.meaning.split import TooManyError
from reconciler.policy.meaning.texts import Domain

_SOME_KEY = ("us-east-1", "1234abcd-12ab-34cd-56ef-1234567890ab")
_IN_KEY_ARNS = frozenset(string.ascii_lowercase + string.digits + "-:/")
_SOMETHING = (Gap(run=False, within_part=True), Gap(run=True, within_part=True))
_TELLING = ("kms:Decrypt", "kms:PutKeyPolicy", "kms:Sign", "kms:GenerateMac", "kms:CreateGrant")
"""Of several actions, the ones to show."""

_Policies = tuple[PolicyDocument, PolicyDocument]


def witness(
    before: PolicyDocument, after: PolicyDocument, *, account: str, partition: str, key_arn: str | None = None
) -> Difference | None:
    """A request that two policies of a key of `account` answer differently; None when they mean the same.

    Without `key_arn`, they are compared for every key that the account can have. A witness has been put before the
    evaluator, which says the same of it.
    """
    columns, space = Columns(), ActionSpace.of((before, after))
    one, other = (take_apart(each, columns, space, partition) for each in (before, after))
    if one == other:
        return None
    following = Following(columns.numbers)
    comparison = Comparison(columns, following, account, _keys_of(account, partition), key_arn)
    asking = _asking(one, other, (following, account, partition))
    undecided: Undecided | None = None
    try:
        for requester in asking:
            rules = (each.rules_for(requester, account, space) for each in (one, other))
            found = _first(comparison, requester, *rules)
            if isinstance(found, Undecided):
                undecided = found
            elif found is not None:
                actions, facts = found
                return _borne_out((before, after), requester, _telling(space.named(actions)), facts, comparison)
    except (TooManyError, TooLongError):
        return undecided or Undecided("there are too many combinations of conditions to look at")
    return undecided


def _first(
    comparison: Comparison, requester: Requester, before: Rules, after: Rules
) -> tuple[int, Facts] | Undecided | None:
    """The actions, with what a request has besides, of the first difference for `requester`."""
    try:
        return next(comparison.differences(requester, before, after), None)
    except UnclearError:
        return Undecided("conditions with policy variables, or of several types, could not be told apart")


def _asking(one: TakenApart, other: TakenApart, asked: tuple[Following, str, str]) -> Iterator[Requester]:
    """Those whom the policies might treat differently; `asked` is what they ask, and where."""
    differing = one.differing(other)
    for name in people(Mentioned(one.names | other.names, differing or frozenset(), *asked)):
        requester = Requester.of(name)
        if differing is None or not differing.isdisjoint(requester.names):
            yield requester


def _telling(actions: tuple[str, ...]) -> str:
    return next((action for action in _TELLING if action in actions), actions[0])


def _borne_out(
    policies: _Policies, requester: Requester, action: str, facts: Facts, comparison: Comparison
) -> Difference:
    """The request as a witness, once the evaluator has been asked."""
    given = {key: values for key, values in {**comparison.known(requester), **facts}.items() if values}
    resource = given.get(RESOURCE, comparison.resources.likely)[0]
    question = Question(requester, action.lower(), resource)
    before, after = (effectiveness(each, question, given, account=comparison.account) for each in policies)
    if before is after:
        return Undecided("the evaluator does not bear out the difference that was found")
    shown = {key: values for key, values in sorted(facts.items()) if key != RESOURCE}
    return Witness(requester.arn, action, resource, shown, before, after)


def _keys_of(account: str, partition: str) -> Domain:
    """What keys of `account` are called."""
    prefix = f"arn:{partition}:kms:"
    region, key_id = _SOME_KEY
    return Domain(
        prefix=prefix,
        shape=Pattern((prefix, *_SOMETHING, f":{account}:key/", *_SOMETHING)),
        wanted=_IN_KEY_ARNS.__contains__,
        likely=(arn_of_key(region, account, key_id, partition),),
    )
