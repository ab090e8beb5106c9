"""Templates as CloudFormation answers with them.

Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from reconciler.convert.places import Node
from reconciler.convert.texts import read

_BODY: Final = "TemplateBody"


def opened(document: Node) -> Iterable[Node]:
    """The template in an answer of GetTemplate, a text where it was written in YAML; else `document` itself."""
    body = document.get(_BODY)
    if isinstance(body.value, str):
        return read(body.value, document.origin.file).documents
    return [body] if isinstance(body.value, dict) else [document]
