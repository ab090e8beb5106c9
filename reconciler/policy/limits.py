"""What a policy can hold, as text: length and characters.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html#key-policy-format and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from reconciler.policy.faults import FaultList, Location
from reconciler.policy.jsontext import compact
from reconciler.policy.statement import PolicyForm

MAX_BYTES = {PolicyForm.KEY: 32_768, PolicyForm.IDENTITY: 10_240, PolicyForm.TRUST: 8_192}
"""The longest policies; white space between elements is not counted, since AWS lays the text out anew.

What users, roles and sessions may have together is less or more than one identity policy can; 10,240 is the most that a
role's inline policies can have. A trust policy has that size after the quota was raised.
"""

_ARTICLE = {PolicyForm.KEY: "a", PolicyForm.IDENTITY: "an", PolicyForm.TRUST: "a"}
_FOREIGN = re.compile(r"[^\t\n\r\x20-\xff]")


def is_plainly_within(text: str, form: PolicyForm) -> bool:
    """Whether a policy's JSON text can be seen to keep the limits unread: short, and no character escaped."""
    return len(text) * 2 <= MAX_BYTES[form] and "\\u" not in text and not _FOREIGN.search(text)


def check_limits(elements: Mapping[str, object], faults: FaultList, form: PolicyForm) -> None:
    """Note in `faults` what makes the policy of these `elements` longer than it may be, or has strange characters."""
    try:
        text = compact(elements)
    except (TypeError, ValueError, RecursionError):
        faults.add((), "the policy cannot be written as JSON", "use strings, numbers, booleans, lists and objects")
        return
    size = len(text.encode("utf-8", "surrogatepass"))
    if size > MAX_BYTES[form]:
        what = f"the policy has {size:,} bytes, {_ARTICLE[form]} {form.value} at most {MAX_BYTES[form]:,}"
        faults.add((), what, "merge statements, use wildcards in actions, or use grants")
    if _FOREIGN.search(text) or "\\u00" in text:  # JSON writes control characters as \u00XX
        _check_characters(elements, faults)


def _check_characters(elements: Mapping[str, object], faults: FaultList) -> None:
    for location, text in _strings_in(elements):
        foreign = _FOREIGN.search(text)
        if foreign:
            what = f"the character U+{ord(foreign[0]):04X} cannot be in a key policy"
            faults.add(location, what, "use tab, line feed, carriage return and U+0020 to U+00FF only")


def _strings_in(elements: Mapping[str, object]) -> Iterator[tuple[Location, str]]:
    """Every string in `elements`, names included, with its place, in the order of the document."""
    waiting: list[tuple[Location, object]] = [((), elements)]
    while waiting:
        location, value = waiting.pop()
        if isinstance(value, str):
            yield location, value
        elif isinstance(value, Mapping):
            for name, item in reversed([*value.items()]):
                waiting += [((*location, str(name)), item), ((*location, str(name)), str(name))]
        elif isinstance(value, list | tuple):
            waiting += [((*location, index), item) for index, item in reversed([*enumerate(value)])]
