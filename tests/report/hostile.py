"""What strangers may write into names, tags, policies and messages, in every report that shows it."""

from __future__ import annotations

from dataclasses import replace

from reconciler.apply.events import ChangeSkipped, StepDone, StepFailed, StepPaused, StepStarted
from reconciler.apply.outcome import Outcome, Status, StepResult
from reconciler.kit.absent import ABSENT
from reconciler.kit.diagnostics import Diagnostic, Position
from reconciler.kit.errors import KmsctlError, KmsError
from reconciler.model.address import Kind
from reconciler.model.identifiers import RUN_TARGET, AliasName, KeyId, TargetName
from reconciler.model.observed import Account
from reconciler.model.ownership import Ownership
from reconciler.plan.changes import Action, Change, Cost, FieldChange, Plan, Reason, Risk, RiskLevel
from reconciler.plan.cost import KeyCost, Prices
from reconciler.plan.drift import Drift, DriftEntry, DriftKind, FieldDrift, UnmanagedKey
from reconciler.plan.steps import ExistingKey, TagKey
from reconciler.report.costs import Costs
from reconciler.report.graph import Edge, Graph, Node, Shape
from reconciler.report.keys import KeyList, KeyRow
from tests.report.basics import ACCOUNT, NOW, address, key_id, policy, statement
from tests.report.states import key as observed_key

HOSTILE = "`|<img src=x onerror=alert(1)>\x1b[2J\r\n## gone\u202e\"'&*_[x](http://evil)$@team\\N"
"""Everything that some format would obey: Markdown, HTML, a terminal, a bidi override, a newline."""


def hostile() -> Plan:
    """A plan in which every text that a stranger can write is hostile."""
    where = Position(f"{HOSTILE}.yaml", 1, 1)
    name = address(Kind.KEY, HOSTILE)
    risk = Risk(RiskLevel.DANGER, "self-lockout", HOSTILE)
    fields = (
        FieldChange("description", HOSTILE, HOSTILE + "!"),
        FieldChange(f"tags[{HOSTILE}]", ABSENT, HOSTILE),
        FieldChange("operations", [HOSTILE], ["Decrypt"]),
        FieldChange("constraints", {HOSTILE: "1"}, {HOSTILE: HOSTILE}),
        FieldChange(HOSTILE, HOSTILE, "", cosmetic=True),
        FieldChange(HOSTILE, HOSTILE, "", sensitive=True),
        FieldChange("policy", HOSTILE, policy(statement("X", HOSTILE, HOSTILE))),
        FieldChange("policy", ABSENT, policy(statement("x" * 300, {"Federated": "a.b/```|`<b>"}, "kms:*"))),
    )
    steps = (TagKey(ExistingKey(key_id(1)), {HOSTILE: HOSTILE}),)
    change = Change(name, Action.UPDATE, Reason.DIFFERS, fields, steps, (name,), (risk,), HOSTILE, where, HOSTILE)
    return Plan(HOSTILE, {RUN_TARGET: ACCOUNT}, "d" * 64, (change,))


_WHO = Account(HOSTILE, HOSTILE, "aws", HOSTILE)
_TARGET = TargetName(HOSTILE)
_CHANGE = hostile().changes[0]
_STEP = _CHANGE.steps[0]
_ERROR = KmsError("X" + HOSTILE, HOSTILE, operation=HOSTILE)


def drift() -> Drift:
    """A drift of nothing but hostile texts."""
    fields = tuple(FieldDrift(f.path, f.after, f.before, f.sensitive) for f in _CHANGE.fields)
    entry = DriftEntry(DriftKind.CHANGED, _CHANGE.address, HOSTILE, fields, _CHANGE.position, HOSTILE)
    unmanaged = UnmanagedKey(_TARGET, KeyId(HOSTILE), HOSTILE, observed_key(1).state, HOSTILE)
    return Drift(HOSTILE, {RUN_TARGET: _WHO}, NOW, (entry,), (unmanaged,))


def outcome() -> Outcome:
    """What became of hostile changes."""
    because = _CHANGE.address
    steps = (
        StepResult(_CHANGE, _STEP, Status.FAILED, _ERROR),
        StepResult(_CHANGE, _STEP, Status.FAILED, KmsctlError(HOSTILE, why=HOSTILE, fix=HOSTILE)),
        StepResult(_CHANGE, _STEP, Status.SKIPPED, because=because),
        StepResult(_CHANGE, _STEP, Status.DONE, notes=(HOSTILE,)),
    )
    return Outcome(steps, {because: KeyId(HOSTILE)})


EVENTS = (
    StepStarted(_CHANGE, _STEP),
    StepPaused(_CHANGE, _STEP, 1.0, HOSTILE),
    StepDone(_CHANGE, _STEP, (HOSTILE,)),
    StepFailed(_CHANGE, _STEP, _ERROR),
    ChangeSkipped(_CHANGE, _CHANGE.address),
)
DIAGNOSTIC = Diagnostic("unknown-field", Position(HOSTILE, 1, 4), HOSTILE, HOSTILE, HOSTILE)
ERROR = KmsctlError(HOSTILE, why=HOSTILE, fix=HOSTILE)


def keys() -> KeyList:
    """A key that a stranger named."""
    owner = Ownership(HOSTILE, HOSTILE, 2)
    row = KeyRow(_TARGET, owner, replace(observed_key(1), description=HOSTILE), (AliasName(HOSTILE),))
    return KeyList(HOSTILE, {_TARGET: _WHO}, (row,))


def costs() -> Costs:
    """What it costs."""
    return Costs(HOSTILE, (KeyCost(HOSTILE, KeyId(HOSTILE), 1, 0),), Cost(1, 1), Prices(1, 1, 2, HOSTILE, HOSTILE))


def graph() -> Graph:
    """Where it hangs."""
    shapes = tuple(Node(f"{shape}{HOSTILE}", shape, HOSTILE) for shape in Shape)
    return Graph(shapes, (Edge(shapes[1].id, shapes[0].id),))
