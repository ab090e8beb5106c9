"""Rules that a schema cannot state: combinations of fields, and what manifests say of each other."""
