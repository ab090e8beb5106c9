"""Custom key stores: what they are made of, what stands behind them, and how they connect.

The bundled KMS has no HSM and no key manager outside: it plays them, and keeps the material of the keys itself. What
would go wrong with real ones can be rehearsed with names that stand for it (`rehearsal.json`).
"""
