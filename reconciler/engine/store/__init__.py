"""What the engine keeps: one SQLite file in WAL mode that several processes may share, and the root key beside it."""
