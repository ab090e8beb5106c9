"""The tables, and the marks by which a file is known to be ours.

Times are microseconds since the epoch. `keys.n` is a surrogate that other tables refer to; it grows with creation.
"""

from __future__ import annotations

from typing import Final

APPLICATION_ID: Final = 0x6B6D7363
"""SQLite's application_id of a store of ours: `kmsc`."""
SCHEMA_VERSION: Final = 2
"""SQLite's user_version that this code reads and writes."""

STATEMENTS: Final = (
    """CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID""",
    """CREATE TABLE keys (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        account TEXT NOT NULL, region TEXT NOT NULL, key_id TEXT NOT NULL,
        spec TEXT NOT NULL, usage TEXT NOT NULL, origin TEXT NOT NULL, state TEXT NOT NULL,
        description TEXT NOT NULL, policy TEXT NOT NULL, created INTEGER NOT NULL,
        primary_region TEXT, material_id TEXT,
        deletion_due INTEGER, deletion_window INTEGER, expires INTEGER, settles INTEGER,
        rotation_period INTEGER, rotation_due INTEGER, on_demand_rotations INTEGER NOT NULL DEFAULT 0,
        manager TEXT NOT NULL DEFAULT 'CUSTOMER',
        custom_store INTEGER REFERENCES custom_stores (n), xks_key_id TEXT, resting_state TEXT)""",
    """CREATE INDEX keys_in_custom_store ON keys (custom_store, n) WHERE custom_store IS NOT NULL""",
    """CREATE UNIQUE INDEX keys_by_id ON keys (account, region, key_id)""",
    """CREATE INDEX keys_by_place ON keys (account, region, n)""",
    """CREATE INDEX keys_by_creation ON keys (created)""",
    """CREATE INDEX keys_related ON keys (account, key_id) WHERE primary_region IS NOT NULL""",
    """CREATE INDEX keys_to_delete ON keys (deletion_due) WHERE deletion_due IS NOT NULL""",
    """CREATE INDEX keys_to_rotate ON keys (rotation_due) WHERE rotation_due IS NOT NULL AND state = 'Enabled'""",
    """CREATE INDEX keys_to_expire ON keys (expires) WHERE expires IS NOT NULL""",
    """CREATE INDEX keys_to_settle ON keys (settles) WHERE settles IS NOT NULL""",
    """CREATE TABLE key_tallies (
        account TEXT NOT NULL, region TEXT NOT NULL, count INTEGER NOT NULL,
        PRIMARY KEY (account, region)) WITHOUT ROWID""",
    """CREATE TRIGGER key_made AFTER INSERT ON keys WHEN new.manager = 'CUSTOMER' BEGIN
        INSERT INTO key_tallies VALUES (new.account, new.region, 1)
        ON CONFLICT (account, region) DO UPDATE SET count = count + 1; END""",
    """CREATE TRIGGER key_gone AFTER DELETE ON keys WHEN old.manager = 'CUSTOMER' BEGIN
        UPDATE key_tallies SET count = count - 1 WHERE account = old.account AND region = old.region; END""",
    """CREATE TABLE custom_stores (
        n INTEGER PRIMARY KEY AUTOINCREMENT, account TEXT NOT NULL, region TEXT NOT NULL, store_id TEXT NOT NULL,
        name TEXT NOT NULL, kind TEXT NOT NULL, created INTEGER NOT NULL, connection TEXT NOT NULL,
        connected_at INTEGER, failure TEXT, settings TEXT NOT NULL, sealed BLOB NOT NULL)""",
    """CREATE UNIQUE INDEX custom_stores_by_id ON custom_stores (account, region, store_id)""",
    """CREATE UNIQUE INDEX custom_stores_by_name ON custom_stores (account, region, name)""",
    """CREATE INDEX custom_stores_by_place ON custom_stores (account, region, n)""",
    """CREATE INDEX custom_stores_connecting ON custom_stores (connected_at) WHERE connected_at IS NOT NULL""",
    """CREATE TABLE quotas (
        account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, value REAL NOT NULL,
        PRIMARY KEY (account, region, name)) WITHOUT ROWID""",
    # Imported material that is gone (deleted, expired) or still to come (in a replica) has no `sealed`.
    """CREATE TABLE materials (
        key INTEGER NOT NULL REFERENCES keys (n), serial INTEGER NOT NULL, material_id TEXT NOT NULL,
        sealed BLOB, public BLOB, created INTEGER NOT NULL, rotation_type TEXT,
        pending INTEGER NOT NULL DEFAULT 0, valid_to INTEGER, description TEXT,
        PRIMARY KEY (key, serial)) WITHOUT ROWID""",
    """CREATE UNIQUE INDEX materials_by_id ON materials (key, material_id)""",
    """CREATE TABLE usage (
        key INTEGER PRIMARY KEY REFERENCES keys (n), operation TEXT NOT NULL, time INTEGER NOT NULL,
        event_id TEXT NOT NULL, request_id TEXT NOT NULL)""",
    """CREATE TABLE aliases (
        account TEXT NOT NULL, region TEXT NOT NULL, name TEXT NOT NULL, key INTEGER NOT NULL REFERENCES keys (n),
        created INTEGER NOT NULL, updated INTEGER NOT NULL, PRIMARY KEY (account, region, name)) WITHOUT ROWID""",
    """CREATE INDEX aliases_by_key ON aliases (key, name)""",
    """CREATE TABLE tags (
        key INTEGER NOT NULL REFERENCES keys (n), name TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (key, name)) WITHOUT ROWID""",
    """CREATE INDEX tags_by_name ON tags (name, value, key)""",
    """CREATE TABLE grants (
        n INTEGER PRIMARY KEY AUTOINCREMENT, key INTEGER NOT NULL REFERENCES keys (n),
        account TEXT NOT NULL, region TEXT NOT NULL, grant_id TEXT NOT NULL, digest TEXT, created INTEGER NOT NULL,
        grantee TEXT NOT NULL, retiring TEXT, body TEXT NOT NULL)""",
    """CREATE UNIQUE INDEX grants_by_id ON grants (key, grant_id)""",
    """CREATE INDEX grants_by_key ON grants (key, n)""",
    """CREATE INDEX grants_by_grantee ON grants (key, grantee, n)""",
    """CREATE UNIQUE INDEX grants_by_digest ON grants (key, digest) WHERE digest IS NOT NULL""",
    """CREATE INDEX grants_by_retiring ON grants (retiring, region, n) WHERE retiring IS NOT NULL""",
    # The audit record: see `segments.py`.
    """CREATE TABLE segments (
        n INTEGER PRIMARY KEY AUTOINCREMENT, first INTEGER NOT NULL, last INTEGER NOT NULL,
        names TEXT NOT NULL, ids BLOB NOT NULL, body BLOB NOT NULL)""",
    """CREATE INDEX segments_by_first ON segments (first)""",
    """CREATE INDEX segments_by_last ON segments (last)""",
    """CREATE TABLE segment_resources (
        resource TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
        segment INTEGER NOT NULL REFERENCES segments (n), PRIMARY KEY (resource, last, segment)) WITHOUT ROWID""",
    """CREATE INDEX segment_resources_by_first ON segment_resources (resource, first)""",
)
