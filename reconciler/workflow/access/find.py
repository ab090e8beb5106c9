"""The key that a command line names, with what decides access to it and where that is declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reconciler.kit.absent import ABSENT
from reconciler.kit.errors import KmsctlError
from reconciler.kit.printable import printable
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredKey, DesiredState
from reconciler.model.identifiers import TargetName
from reconciler.model.observed import ObservedKey, ObservedState
from reconciler.model.ownership import GrantName
from reconciler.plan.access.keyfacts import facts_of_key
from reconciler.plan.decide.view import TargetView, views_of
from reconciler.plan.options import PlanOptions
from reconciler.policy.access import KeyFacts
from reconciler.report.access.shown import GrantShown, KeyShown
from reconciler.workflow.access.places import statement_places
from reconciler.workflow.access.reading import State, read_live, read_planned
from reconciler.workflow.access.references import KeyReference, key_reference
from reconciler.workflow.session import Session


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key to ask about."""

    facts: KeyFacts
    shown: KeyShown
    target: TargetName


def find_key(session: Session, text: str, *, planned: bool) -> FoundKey:
    """The key that `text` names: as it is, or as the plan of the session's stack would leave it.

    Raises:
        KmsError: a target refused to be read.
        KmsctlError: there is no such key, or there are several, or it may not be read.
    """
    reference = key_reference(text)
    planned = planned and not reference.of_aws  # no plan changes those
    state = (read_planned if planned else read_live)(session, reference)
    found = list(_matching(state.asked, session.desired, reference))
    if len(found) != 1:
        raise _several(reference, found) if found else _nowhere(reference, state, session.desired, planned=planned)
    match = found[0]
    view = match.view
    facts = facts_of_key(match.key, view.observed.account, view.aliases_of.get(match.key.key_id, ()))
    return FoundKey(facts, _shown(session.desired, state, match, facts, planned=planned), view.target)


@dataclass(frozen=True, slots=True)
class _Match:
    view: TargetView
    address: Address | None
    key: ObservedKey


def _matching(observed: ObservedState, desired: DesiredState, reference: KeyReference) -> Iterator[_Match]:
    for name, view in sorted(views_of(observed, desired, PlanOptions()).items()):
        if reference.target not in (None, name):
            continue
        key = view.lineage(reference.name).current if reference.name else _external(view, reference)
        if key is not None:
            known = view.names.get(key.key_id)
            yield _Match(view, view.key_address(known) if known else None, key)


def _external(view: TargetView, reference: KeyReference) -> ObservedKey | None:
    """The key with this id, ARN or alias. Of an alias of AWS, which is not observed, the key that was read by it."""
    if reference.of_aws:
        return next(iter(view.observed.keys.values()), None)
    return view.external(reference.external)


def _shown(desired: DesiredState, state: State, match: _Match, facts: KeyFacts, *, planned: bool) -> KeyShown:
    key, before = match.key, state.now.targets[match.view.target]
    declared = _declared(desired, match.address)
    return KeyShown(
        title=str(match.address) if match.address else key.arn,
        arn=key.arn,
        planned=planned,
        new=key.key_id not in before.keys,
        statements=statement_places(facts.policy, declared, facts.partition) if declared else {},
        grants=_grants(desired, match),
    )


def _declared(desired: DesiredState, address: Address | None) -> DesiredKey | None:
    return next((key for key in desired.keys if key.address == address and key.policy is not ABSENT), None)


def _grants(desired: DesiredState, match: _Match) -> Mapping[str, GrantShown]:
    positions = {grant.address: grant.position for grant in desired.grants}
    found = {}
    for grant in match.key.grants or ():
        name = GrantName.of(grant.name)
        address = Address(Kind.GRANT, name.name, match.view.target) if name and name.stack == desired.stack else None
        shown = GrantShown(str(address), positions.get(address)) if address else GrantShown(grant.name)
        found[printable(grant.grant_id)] = shown
    return found


def _several(reference: KeyReference, found: list[_Match]) -> KmsctlError:
    places = ", ".join(
        f"{each.view.observed.account.account_id} ({each.view.observed.account.region})" for each in found
    )
    names = " or ".join(f"{reference}@{each.view.target}" for each in found if each.view.target)
    return KmsctlError(f"{reference} is a key on several targets", why=f"there is one in {places}", fix=f"say {names}")


def _nowhere(reference: KeyReference, state: State, desired: DesiredState, *, planned: bool) -> KmsctlError:
    for target in state.now.targets.values():
        for name, why in target.unread.items():
            if reference.external and reference.external.endswith(name.rpartition("/")[2]):
                return KmsctlError(
                    f"the key {reference} cannot be read",
                    why=printable(why),
                    fix="its key policy, grants and tags decide: ask with an identity that may read them",
                )
    if reference.external:
        return KmsctlError(f"there is no key {reference}", fix="see `kmsctl show --all` for the keys that are there")
    known = ", ".join(sorted(str(key.address) for key in desired.keys)) if planned else ""
    why = f"the stack {printable(desired.stack)} has no key of that name"
    return KmsctlError(
        f"there is no key {reference}",
        why=f"{why}; the manifests declare {known}" if known else why,
        fix="name it by alias (alias/…), id or ARN if it is not this stack's; see `kmsctl show`",
    )
