"""Where the statements of a key policy are declared, however KMS laid them out."""

import json
from dataclasses import replace

from reconciler.kit.diagnostics import Position
from reconciler.model.address import Address, Kind
from reconciler.model.desired import DesiredKey
from reconciler.policy.document import parse_document
from reconciler.policy.evaluate import Unparsable
from reconciler.workflow.access.places import statement_places
from tests.policy.access.world import APP, BOB, DELEGATED, allow

HERE = Position("keys.yaml", 1, 1)
PLACES = tuple(Position("keys.yaml", line, 3) for line in (10, 11, 12))


def declared(*statements):
    text = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    return DesiredKey(Address(Kind.KEY, "orders"), HERE, policy=text, statement_positions=PLACES[: len(statements)])


def places(real, wanted):
    return statement_places(parse_document({"Version": "2012-10-17", "Statement": real}), wanted, "aws")


def test_a_statement_is_where_its_like_is_declared_whatever_the_order():
    mine = declared(DELEGATED, allow(APP), allow(BOB, ["kms:Encrypt", "kms:Decrypt"]))
    real = [allow([BOB], ["kms:Decrypt", "kms:Encrypt"]), allow("444455556666"), DELEGATED]
    assert places(real, mine) == {0: PLACES[2], 2: PLACES[0]}


def test_each_of_several_alike_has_its_own_place():
    mine = declared(allow(APP), allow(APP))
    assert places([allow(APP), allow(APP), allow(APP)], mine) == {0: PLACES[0], 1: PLACES[1], 2: PLACES[1]}


def test_what_cannot_be_read_has_no_places():
    mine = declared(DELEGATED)
    assert statement_places(Unparsable("no JSON"), mine, "aws") == {}
    assert places([DELEGATED], replace(mine, policy="{")) == {}


def test_without_positions_there_are_no_places():
    assert places([DELEGATED], replace(declared(DELEGATED), statement_positions=())) == {}
