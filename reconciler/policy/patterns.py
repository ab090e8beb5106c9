"""IAM's wildcards: `*` stands for any run of characters, `?` for one."""

from __future__ import annotations

from collections.abc import Iterable


def matches(pattern: str, text: str) -> bool:
    """Whether `pattern` covers the whole of `text`, case counting.

    Never slower than the product of the lengths, whatever the pattern: policies are written by strangers.
    """
    here, at = 0, 0
    star, retry = -1, 0
    while at < len(text):
        if pattern[here : here + 1] == "*":
            star, retry = here, at
            here += 1
        elif pattern[here : here + 1] in ("?", text[at]):
            here, at = here + 1, at + 1
        elif star >= 0:
            retry += 1
            here, at = star + 1, retry
        else:
            return False
    return not pattern[here:].strip("*")


def matches_arn(pattern: str, text: str) -> bool:
    """Whether each of the six parts of the ARN `pattern` covers that part of the ARN `text`, as `ArnLike` does.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    patterns, parts = pattern.split(":", 5), text.split(":", 5)
    return len(patterns) == len(parts) and all(map(matches, patterns, parts))


def covers_action(patterns: Iterable[str], action: str) -> bool:
    """Whether one of `patterns` covers `action`, e.g. `kms:Put*` covers `kms:PutKeyPolicy`; case does not count."""
    return any(matches(pattern.lower(), action.lower()) for pattern in patterns)


def is_literal(text: str) -> bool:
    """Whether `text` stands for itself alone: no wildcard and no policy variable."""
    return not any(mark in text for mark in ("*", "?", "${"))
