"""The bundled KMS on a port, for any AWS SDK: HTTP by granian, AWS's protocols, and who signed a request.

A request goes `application` → `routes` (which protocol, which operation) → `authentication` (who calls) → the engine →
the protocol's answer. Everything but `application`, `body`, `replay` and `listen` is free of I/O.
"""
