"""An answer about access as sentences, the same in text and Markdown. Everything is printable."""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import Final

from reconciler.kit.arn import Arn
from reconciler.kit.printable import printable
from reconciler.policy.access import Answer, Standing, Way
from reconciler.policy.evaluate import Outcome, Reason, Trace
from reconciler.report.access.causes import described
from reconciler.report.access.people import called
from reconciler.report.access.shown import AnswerShown, KeyShown, ListShown
from reconciler.report.conditionwords import together

VERDICTS: Final = MappingProxyType({
    Standing.ALLOWED: "allowed",
    Standing.DELEGATED: "delegated",
    Standing.DENIED: "denied",
})  # fmt: skip
READ_IAM: Final = "--identities FILE or --iam reads them"


def asked(shown: AnswerShown) -> str:
    """`arn:…:role/App may kms:Decrypt with Key/orders`, as a heading."""
    via = f" through {printable(shown.ask.via)}" if shown.ask.via else ""
    return f"{printable(shown.ask.principal)} {printable(shown.ask.action)} {key_title(shown.key)}{via}"


def key_title(key: KeyShown) -> str:
    """`Key/orders (planned)`."""
    return f"{printable(key.title)}{' (planned)' if key.planned else ''}"


def why(shown: AnswerShown) -> str:
    """Why the answer is what it is, in one sentence."""
    answer, key = shown.answer, shown.key
    by = f": {described(answer.decider, key)}" if answer.decider else ""
    if answer.standing is Standing.DELEGATED:
        account = _account_of(shown.ask.principal)
        return f"IAM policies of account {account} decide, and they are not known ({READ_IAM}){by}"
    return f"{_reason(answer)}{by}"


def _reason(answer: Answer) -> str:
    words = answer.reason.value
    if answer.reason is Reason.NOT_ALLOWED_BY_KEY_POLICY:
        words = "no statement of the key policy allows it, and no grant does"
    return words


def _account_of(principal: str) -> str:
    arn = Arn.parse(principal)
    return printable(arn.account) if arn else ""


def hints(shown: AnswerShown) -> Iterator[str]:
    """What else a reader should know."""
    if shown.inapplicable:
        yield f"a key of this kind is never asked {printable(shown.ask.action)}: see its key spec and key usage"
    if shown.answer.missing:
        names = ", ".join(map(printable, shown.answer.missing))
        yield f"policies ask for {names}, which the question does not say: add --fact NAME=VALUE"


def outcome(one: Trace) -> str:
    """What became of a statement or grant."""
    if one.outcome is Outcome.MATCHED:
        return "allows" if one.effect == "Allow" else "denies"
    return f"{one.outcome.value}{f': {one.detail}' if one.detail else ''}"


def way(one: Way, key: KeyShown) -> str:
    """`by statement A (f:1)`, and whom that leaves out."""
    by = " and ".join(described(cause, key) for cause in one.causes)
    but = f", except for {', '.join(map(printable, one.excluded))}" if one.excluded else ""
    return f"by {by}{but}"


def when(one: Way) -> str:
    """`when kms:ViaService is …`; empty when it always counts."""
    return f"when {together(one.conditions)}" if one.conditions else ""


def notes(shown: ListShown) -> Iterator[str]:
    """What is not in the list, and why."""
    if shown.unreadable:
        yield f"the key policy cannot be read, so it denies everything: {printable(shown.unreadable)}"
    accounts = sorted(
        {
            called(entry.principal) if entry.principal.endswith(":root") else f"account {_account_of(entry.principal)}"
            for entry in shown.entries
            if entry.standing is Standing.DELEGATED
        }
    )
    if accounts:
        yield f"what is delegated, IAM policies of {', '.join(accounts)} decide: {READ_IAM}"
    if shown.known:
        yield f"IAM is known of {', '.join(f'account {account}' for account in sorted(shown.known))}"
