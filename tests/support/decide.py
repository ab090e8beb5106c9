"""What a key policy decides of one request: a second opinion, written from the documentation and from nothing of ours.

It reads a policy as plain JSON. It knows what tests need: principals, actions, resources, the condition operators of
key policies, the versions of the language. Sources: the pages of the IAM User Guide on the policy evaluation logic,
on the elements Principal and Condition and its operators, and on policy variables.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ALLOWED, DENIED, SILENT = "allowed", "denied", "silent"


@dataclass(frozen=True)
class Request:
    """One call. `context` has condition keys in lower case, with one text or several."""

    principal: str
    action: str
    resource: str = "arn:aws:kms:us-east-1:111122223333:key/k"
    kind: str = "AWS"
    context: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)


def decide(policy: Mapping[str, Any], request: Request) -> str:
    """What `policy` says: an explicit Deny wins, then an Allow, then nothing."""
    said = {
        statement["Effect"]
        for statement in _listed(policy["Statement"])
        if _holds(statement, request, policy.get("Version") == "2012-10-17")
    }
    return DENIED if "Deny" in said else ALLOWED if "Allow" in said else SILENT


def _holds(statement: Mapping[str, Any], request: Request, variables: bool) -> bool:
    def pattern(text: str, *, case: bool = True) -> re.Pattern[str]:
        return _pattern(text, request if variables else None, case=case)

    def one_of(element: str, test: Any) -> bool:
        if element in statement:
            return any(map(test, _listed(statement[element])))
        return not any(map(test, _listed(statement[f"Not{element}"])))

    return (
        _names(statement, request)
        and one_of("Action", lambda text: _pattern(text, None, case=False).fullmatch(request.action))
        and one_of("Resource", lambda text: pattern(text).fullmatch(request.resource))
        and all(
            _meets(operator, _listed(values), request.context.get(key.lower()), pattern)
            for operator, tests in statement.get("Condition", {}).items()
            for key, values in tests.items()
        )
    )


def _names(statement: Mapping[str, Any], request: Request) -> bool:
    named = statement.get("Principal", statement.get("NotPrincipal"))
    kinds = {"AWS": "*"} if named == "*" else named
    found = any(_is(name, request.principal) for name in _listed(kinds.get(request.kind, [])))
    return found if "Principal" in statement else not found


def _is(name: str, principal: str) -> bool:
    account = name if re.fullmatch("[0-9]{12}", name) else None
    if name.startswith("arn:aws:iam::") and name.endswith(":root"):
        account = name.split(":")[4]
    session = re.fullmatch("arn:aws:sts::([0-9]{12}):assumed-role/([^/]+)/.+", principal)
    role = f"arn:aws:iam::{session[1]}:role/{session[2]}" if session else principal
    return name in ("*", principal, role) or (account is not None and principal.split(":")[4:5] == [account])


def _meets(operator: str, values: list[Any], given: str | tuple[str, ...] | None, pattern: Any) -> bool:
    texts = [str(value).lower() if isinstance(value, bool) else str(value) for value in values]
    if operator == "Null":
        return (given is None) == (texts[0].lower() == "true")
    together = re.fullmatch("(ForAllValues:|ForAnyValue:)?(.*?)(IfExists)?", operator)
    assert together is not None
    several, base, if_exists = together.groups()
    if given is None and if_exists:
        return True
    asked = () if given is None else (given,) if isinstance(given, str) else given
    if several == "ForAllValues:":
        return all(_test(base, texts, one, pattern) for one in asked)
    if several == "ForAnyValue:":
        return any(_test(base, texts, one, pattern) for one in asked)
    return _test(base, texts, asked[0] if asked else None, pattern)


def _test(base: str, texts: list[str], given: str | None, pattern: Any) -> bool:
    """One value against all: one must match, or none if the operator is negated, which holds for a missing key."""
    positive = base.replace("Not", "", 1) if "Not" in base else base
    matched = given is not None and any(_matches(positive, text, given, pattern) for text in texts)
    return not matched if positive != base else matched


def _matches(operator: str, text: str, given: str, pattern: Any) -> bool:
    match operator:
        case "StringEquals" | "BinaryEquals":
            return bool(pattern(re.sub(r"(?<!\{)([*?])", r"${\1}", text)).fullmatch(given)) or text == given
        case "StringEqualsIgnoreCase" | "Bool":
            return text.lower() == given.lower()
        case "StringLike":
            return bool(pattern(text).fullmatch(given))
        case "ArnLike" | "ArnEquals":
            parts, asked = text.split(":", 5), given.split(":", 5)
            return len(parts) == len(asked) == 6 and all(
                pattern(part).fullmatch(piece) for part, piece in zip(parts, asked, strict=True)
            )
        case "IpAddress":
            return ipaddress.ip_address(given) in ipaddress.ip_network(text, strict=False)
        case "NumericEquals":
            return float(text) == float(given)
        case "NumericLessThan":
            return float(given) < float(text)
        case _:
            raise ValueError(f"no rule for {operator}")


def _pattern(text: str, request: Request | None, *, case: bool) -> re.Pattern[str]:
    """`text` as a regular expression, with the policy variables of `request`, or as it stands for None."""
    if request is None:
        made = _glob(text)
    else:
        pieces = re.split(r"(\$\{[^}]*\})", text)
        made = "".join(_variable(piece, request) if piece.startswith("${") else _glob(piece) for piece in pieces)
    return re.compile(made, re.DOTALL if case else re.DOTALL | re.IGNORECASE)


def _variable(piece: str, request: Request) -> str:
    name = piece[2:-1]
    if name in ("*", "?", "$"):
        return re.escape(name)
    value = request.context.get(name.lower())
    return re.escape(value) if isinstance(value, str) else "(?!)"


def _glob(text: str) -> str:
    return re.escape(text).replace(r"\*", ".*").replace(r"\?", ".")


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]
