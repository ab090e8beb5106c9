"""A template: its parameters, mappings and resources, and what is known of the stack that was made of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from reconciler.convert.cloudformation.stacks import Stack
from reconciler.convert.places import Node
from reconciler.convert.remarks import TO_DO, Remarks, Words
from reconciler.convert.unresolved import NEVER_SHOWN, Unresolved
from reconciler.kit.printable import printable

_OUR_PSEUDO: Final = {
    "AWS::AccountId": "${aws:accountId}",
    "AWS::Region": "${aws:region}",
    "AWS::Partition": "${aws:partition}",
}
"""Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html"""
_SSM: Final = "AWS::SSM::"
_SAY: Final = "say so by `--parameter NAME=VALUE`, or write it into the manifest"


@dataclass(frozen=True, slots=True)
class Template:
    """What intrinsic functions can be resolved by."""

    document: Node
    given: Mapping[str, str]
    """Values of parameters and pseudo parameters that the user gave."""
    remarks: Remarks
    stack: Stack = field(default_factory=Stack)

    @property
    def resources(self) -> Node:
        """The resources, by logical id."""
        return self.document.get("Resources")

    def parameter(self, name: str) -> Any:
        """The value of a parameter or pseudo parameter; None when there is none of that name."""
        if name in self.given:
            return self.given[name]
        if name in _OUR_PSEUDO:
            return _OUR_PSEUDO[name]
        if name == "AWS::URLSuffix":
            return self._suffix()
        if name == "AWS::StackName" and self.stack.name:
            return self.stack.name
        if name.startswith("AWS::"):
            return Unresolved(f"only CloudFormation knows {printable(name)}", _SAY)
        declared = self.document.get("Parameters", name)
        return self._declared(name, declared) if declared.value is not None else None

    def _declared(self, name: str, declared: Node) -> Any:
        default = declared.mapping.get("Default")
        if declared.mapping.get("NoEcho") in (True, "true"):
            return NEVER_SHOWN
        if declared.text("Type").startswith(_SSM):
            return Unresolved(f"the parameter {printable(name)} is read from Parameter Store", _SAY)
        if not isinstance(default, str | int | float):
            return Unresolved(f"the parameter {printable(name)} has no default", _SAY)
        what = f"the parameter {printable(name)} is taken as its default"
        self.remarks.tell("Parameters", declared, Words(what, "", "say `--parameter NAME=VALUE` if it is not", TO_DO))
        return default

    def _suffix(self) -> str:
        what = "AWS::URLSuffix is taken as amazonaws.com"
        words = Words(what, "a manifest has no word for it", "say `--parameter AWS::URLSuffix=…` elsewhere", TO_DO)
        self.remarks.tell("Template", self.document, words)
        return "amazonaws.com"
