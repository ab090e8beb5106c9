"""The table of what operations need, held against the operations that there are."""

from __future__ import annotations

import pytest

from reconciler.engine.authz.actions import PERMISSIONS, Permission, Resource, action_for, permissions_of
from reconciler.engine.call import Access, KeyParameter, Operation
from reconciler.engine.operations import OPERATIONS
from reconciler.engine.wire.model import operation_model


def new_operation(name, *parameters):
    return Operation(name, dict, Access.READ, tuple(map(KeyParameter, parameters)))


def test_every_row_of_the_table_is_an_operation():
    assert set(PERMISSIONS) <= set(OPERATIONS)


@pytest.mark.parametrize("name", PERMISSIONS)
def test_every_parameter_of_a_row_is_the_operations(name):
    model = operation_model(name)
    members = model.shapes[model.input]["members"]
    assert all(not one.parameter or one.parameter in members for one in PERMISSIONS[name])


@pytest.mark.parametrize("name", OPERATIONS)
def test_every_operation_needs_a_permission_unless_the_table_says_that_it_needs_none(name):
    needed = permissions_of(OPERATIONS[name])
    assert needed or name in PERMISSIONS
    asked = {one.parameter for one in needed if one.resource is Resource.KEY}
    named = {parameter.name for parameter in OPERATIONS[name].keys}
    assert asked == named or name == "ListAliases"


def test_an_operation_that_nobody_thought_of_needs_the_action_of_its_name():
    assert permissions_of(new_operation("NewThing")) == (Permission("kms:NewThing", Resource.ACCOUNT),)
    assert permissions_of(new_operation("NewUse", "KeyId")) == (Permission("kms:NewUse", Resource.KEY, "KeyId"),)
    assert permissions_of(new_operation("tag:NewThing")) == (Permission("tag:NewThing", Resource.ACCOUNT),)


def test_the_action_of_a_key_is_that_of_its_parameter():
    assert action_for(OPERATIONS["ReEncrypt"], "SourceKeyId") == "kms:ReEncryptFrom"
    assert action_for(OPERATIONS["Decrypt"], "KeyId") == "kms:Decrypt"
