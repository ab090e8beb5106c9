"""Who may do what. The owner's account may do everything; nobody else may do anything.

This is the place where key policies, IAM policies and grants are evaluated once callers other than the account's own
are served: `admit` then asks the policy evaluator instead of comparing accounts.
"""

from __future__ import annotations

from reconciler.engine.call import Call
from reconciler.engine.errors import access_denied
from reconciler.engine.key_reference import resolve
from reconciler.engine.store.records import Key
from reconciler.kit.errors import KmsError


def authorise(call: Call) -> None:
    """Resolve the keys that the call names, and let the caller in or not.

    Raises:
        KmsError: NotFoundException, InvalidArnException, AccessDeniedException, InvalidGrantTokenException.
    """
    for parameter in call.operation.keys:
        reference = call.get(parameter.name)
        if reference is not None:
            key = resolve(call, reference, aliases=parameter.aliases)
            admit(call, key, reference)
            call.keys[parameter.name] = key
    for token in call.get("GrantTokens", ()):
        if call.keyring.read_grant_token(token) is None:
            raise KmsError("InvalidGrantTokenException", "The provided grant token is invalid.")


def admit(call: Call, key: Key, named: str) -> None:
    """Let the caller use `key`, which it called `named`, and note that the call is about it.

    Whoever is refused learns no more of another account than it said itself, not even from its own audit record.

    Raises:
        KmsError: AccessDeniedException.
    """
    own = key.account == call.caller.account
    call.involve(key.arn if own else named)
    if not own:
        raise access_denied(call.caller.principal, call.name, named)
