"""An AdmissionReview and its answer, both as dicts. Pure but for what it asks of `Known`.

Whatever is not certainly a new fault in a spec is allowed: deletion, what is being deleted, changes beside the spec
(finalizers, annotations, status), and versions and kinds that this release does not know.

Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from reconciler.controller.admission.annotations import annotation_warnings
from reconciler.controller.admission.careless import Careless, careless
from reconciler.controller.admission.neighbourhood import Known
from reconciler.controller.health.wording import clipped, sentence
from reconciler.kit.diagnostics import Diagnostic, Severity
from reconciler.kit.printable import printable
from reconciler.manifest.documents import Document, ManifestKind
from reconciler.manifest.objects import DANGLING, check_object, field_at, read_object
from reconciler.manifest.schemas import API_VERSION

REVIEW_VERSION: Final = "admission.k8s.io/v1"
DENIED: Final = 422
"""Unprocessable: what the API server itself answers to an object that its schema refuses."""
MAX_CAUSES: Final = 20
"""Faults in one answer. Nobody mends more at a time."""
MAX_WARNING: Final = 256
"""Characters: the API server may cut longer ones."""


class MalformedReview(Exception):  # noqa: N818  as HTTP calls it
    """The request is no AdmissionReview v1; nothing of it is repeated in the text."""


@dataclass(frozen=True, slots=True)
class _Request:
    uid: str
    operation: str
    version: str
    kind: str
    namespace: str
    subresource: str
    new: Mapping[str, Any] | None
    old: Mapping[str, Any] | None


def review(body: Any, known: Known) -> dict[str, Any]:
    """The answer to the AdmissionReview `body`. It has no effects, so a dry run is as good as any.

    Raises:
        MalformedReview: `body` is none.
    """
    request = _request(body)
    if request.operation not in ("CREATE", "UPDATE") or request.subresource or request.new is None:
        return _allowed(request)
    if request.version != API_VERSION or request.kind not in set(ManifestKind):
        return _allowed(request, [f"kmsctl does not know {printable(f'{request.version} {request.kind}', limit=120)}"])
    if _is_being_deleted(request.new):
        return _allowed(request)
    asked = list(annotation_warnings(request.new, request.old))
    return _allowed(request, asked) if _has_same_spec(request) else _judged(request, request.new, known, asked)


def _request(body: Any) -> _Request:
    if not isinstance(body, dict) or body.get("apiVersion") != REVIEW_VERSION or body.get("kind") != "AdmissionReview":
        raise MalformedReview(f"the body is no AdmissionReview of {REVIEW_VERSION}")
    request = body.get("request")
    kind = request.get("kind") if isinstance(request, dict) else None
    if not isinstance(request, dict) or not isinstance(kind, dict) or not _text(request, "uid"):
        raise MalformedReview("the AdmissionReview has no request with a uid and a kind")
    return _Request(
        uid=_text(request, "uid"),
        operation=_text(request, "operation"),
        version=f"{_text(kind, 'group')}/{_text(kind, 'version')}",
        kind=_text(kind, "kind"),
        namespace=_text(request, "namespace"),
        subresource=_text(request, "subResource"),
        new=_object(request, "object"),
        old=_object(request, "oldObject"),
    )


def _text(of: Mapping[str, Any], name: str) -> str:
    value = of.get(name)
    if value is not None and not isinstance(value, str):
        raise MalformedReview(f"{name} is no text")
    return value or ""


def _object(of: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    value = of.get(name)
    if value is not None and not isinstance(value, dict):
        raise MalformedReview(f"{name} is no object")
    return value


def _is_being_deleted(body: Mapping[str, Any]) -> bool:
    metadata = body.get("metadata")
    return isinstance(metadata, dict) and bool(metadata.get("deletionTimestamp"))


def _has_same_spec(request: _Request) -> bool:
    return request.old is not None and request.new is not None and request.old.get("spec") == request.new.get("spec")


def _judged(request: _Request, body: Mapping[str, Any], known: Known, asked: Sequence[str]) -> dict[str, Any]:
    read = read_object(body, file=f"{request.kind}/{request.namespace}")
    if not isinstance(read, Document):
        return _denied(request, body, read, asked)
    neighbours = known.neighbours(request.namespace)
    faults = check_object(read, neighbours)
    errors = [fault for fault in faults if fault.severity is Severity.ERROR and fault.name != DANGLING]
    warnings = [*asked, *_missing(request, faults, known), *_warned(body, faults), *_closed(request, read, known)]
    if not errors:
        found = careless(read, request.old, neighbours, known.lint)
        errors = list(found.denied)
        warnings += _told(body, found)
    return _denied(request, body, errors, warnings) if errors else _allowed(request, warnings)


def _told(body: Mapping[str, Any], found: Careless) -> Iterator[str]:
    yield from (_line(body, one) for one in found.told)
    if found.untold:
        yield f"lint finds {found.untold} more; `kmsctl lint` shows them"


def _missing(request: _Request, faults: Sequence[Diagnostic], known: Known) -> Iterator[str]:
    for fault in faults:
        if fault.name == DANGLING:
            told, _, kind_and_name = fault.what.rpartition("there is no ")
            if known.sees(request.namespace, kind_and_name.partition(" ")[0]):
                yield f"{told}there is no {kind_and_name} yet; nothing is done before there is"


def _warned(body: Mapping[str, Any], faults: Sequence[Diagnostic]) -> Iterator[str]:
    return (_line(body, fault) for fault in faults if fault.severity is Severity.WARNING)


def _closed(request: _Request, document: Document, known: Known) -> Iterator[str]:
    target = known.closed_to(document, request.namespace)
    if target is not None:
        yield (
            f"{document}: the Target {target} does not serve the namespace {request.namespace}; nothing is done before "
            "its allowedNamespaces lists it"
        )


def _line(body: Mapping[str, Any], fault: Diagnostic) -> str:
    field = field_at(body, fault.position)
    return f"{field}: {_words(fault, field)}" if field else _words(fault, field)


def _words(fault: Diagnostic, field: str) -> str:
    """Without the object and the field at their beginning, which the answer names already."""
    what = fault.what.partition(": ")[2] or fault.what
    return sentence(what.removeprefix(f"`{field}` "), fault.why, fault.fix)


def _allowed(request: _Request, warnings: Sequence[str] = ()) -> dict[str, Any]:
    return _answer(request, warnings, {"allowed": True})


def _denied(
    request: _Request, body: Mapping[str, Any], faults: Sequence[Diagnostic], warnings: Sequence[str]
) -> dict[str, Any]:
    """With a cause for each field, which kubectl prints one a line; the message has all of it for those who do not."""
    shown = faults[:MAX_CAUSES]
    more = f"\n… and {len(faults) - MAX_CAUSES} more" if len(faults) > MAX_CAUSES else ""
    status = {
        "status": "Failure",
        "code": DENIED,
        "reason": "Invalid",
        "message": "\n".join(_line(body, fault) for fault in shown) + more,
        "details": {
            "group": API_VERSION.partition("/")[0],
            "kind": request.kind,
            "name": _object_name(body),
            "causes": [_cause(body, fault) for fault in shown],
        },
    }
    return _answer(request, warnings, {"allowed": False, "status": status})


def _cause(body: Mapping[str, Any], fault: Diagnostic) -> dict[str, str]:
    field = field_at(body, fault.position)
    return {"reason": "FieldValueInvalid", "field": field, "message": _words(fault, field)}


def _object_name(body: Mapping[str, Any]) -> str:
    metadata = body.get("metadata")
    name = metadata.get("name") if isinstance(metadata, dict) else None
    return printable(name, limit=253) if isinstance(name, str) else ""


def _answer(request: _Request, warnings: Sequence[str], verdict: Mapping[str, Any]) -> dict[str, Any]:
    response: dict[str, Any] = {"uid": request.uid, **verdict}
    if warnings:
        response["warnings"] = [clipped(warning)[:MAX_WARNING] for warning in warnings[:MAX_CAUSES]]
    return {"apiVersion": REVIEW_VERSION, "kind": "AdmissionReview", "response": response}
