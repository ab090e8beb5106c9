"""The policies of an identities file: documents as they are, or names of the section `policies`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from reconciler.kit.printable import printable
from reconciler.manifest.documents import Message
from reconciler.manifest.positions import Path
from reconciler.manifest.wording import field_name, nearest
from reconciler.policy.control import parse_control_policy
from reconciler.policy.document import PolicyDocument, parse_identity_policy, parse_trust_policy
from reconciler.policy.evaluate import NamedPolicy, Unparsable
from reconciler.policy.faults import InvalidPolicy, PolicyFault
from reconciler.workflow.identities.faults import Faults

_FULL_ACCESS: Final = NamedPolicy(
    "FullAWSAccess", parse_identity_policy({"Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}})
)
"""AWS's own service control policy, which every level has until somebody detaches it.

Source: https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_evaluation.html"""
_Given = str | Mapping[str, Any]
_Parse = Callable[[_Given], PolicyDocument]


class Policies:
    """Reads policies; what is wrong with them goes to the faults."""

    def __init__(self, named: Mapping[str, _Given], faults: Faults) -> None:
        self._faults = faults
        self._named = {
            name: NamedPolicy(name, self._parsed(parse_identity_policy, document, ("policies", name)))
            for name, document in named.items()
        }

    def named(self) -> dict[str, NamedPolicy]:
        """The policies of the section `policies`, by name."""
        return self._named

    def attached(self, given: Sequence[_Given], path: Path) -> tuple[NamedPolicy, ...]:
        """The policies of a user or role."""
        return tuple(self._one(one, f"inline policy {index + 1}", (*path, index)) for index, one in enumerate(given))

    def boundary(self, given: _Given | None, path: Path) -> NamedPolicy | None:
        """The permission boundary of a user or role."""
        return None if given is None else self._one(given, "permission boundary", path)

    def service_control(self, given: Sequence[Sequence[_Given]], path: Path) -> tuple[tuple[NamedPolicy, ...], ...]:
        """The service control policies of an account, by level."""
        return tuple(
            tuple(
                self._service_control(one, f"policy {index + 1} of level {level + 1}", (*path, level, index))
                for index, one in enumerate(policies)
            )
            for level, policies in enumerate(given)
        )

    def resource_control(self, given: Sequence[_Given], path: Path) -> tuple[NamedPolicy, ...]:
        """The resource control policies of an account: documents, each of which only denies."""
        return tuple(
            NamedPolicy(f"resource control policy {index + 1}", self._parsed(parse_control_policy, one, (*path, index)))
            for index, one in enumerate(given)
        )

    def _service_control(self, given: _Given, name: str, path: Path) -> NamedPolicy:
        return _FULL_ACCESS if given == _FULL_ACCESS.name else self._one(given, name, path)

    def trust(self, given: _Given, path: Path) -> NamedPolicy:
        """The trust policy of a role."""
        return NamedPolicy("trust policy", self._parsed(parse_trust_policy, given, path))

    def _one(self, given: _Given, name: str, path: Path) -> NamedPolicy:
        if not isinstance(given, str) or given.lstrip().startswith("{"):
            return NamedPolicy(name, self._parsed(parse_identity_policy, given, path))
        if given not in self._named:
            self._faults.add(path, self._dangling(given))
        return self._named.get(given, NamedPolicy(given, Unparsable("there is no such policy")))

    def _dangling(self, name: str) -> Message:
        guess = nearest(name, self._named)
        return Message(
            "dangling-policy",
            f"there is no policy {printable(name, limit=80)}",
            "a policy that is not there allows nothing",
            f"did you mean {guess}?" if guess else "declare it under `policies`, or write the document here",
        )

    def _parsed(self, parse: _Parse, given: _Given, path: Path) -> PolicyDocument | Unparsable:
        try:
            return parse(given)
        except InvalidPolicy as invalid:
            for fault in invalid.faults:
                location = () if isinstance(given, str) else fault.location
                self._faults.add((*path, *location), _message(fault))
            return Unparsable(invalid.why)


def _message(fault: PolicyFault) -> Message:
    where = field_name(fault.location) if fault.location else "the policy"
    return Message("invalid-policy", f"{where}: {fault.what}", "IAM would refuse the policy", fault.fix)
