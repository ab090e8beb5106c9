"""Copies of accounts: what somebody has read of a KMS, held by an engine of its own to try things on.

A copy has the ids, policies, tags, aliases, grants and states of what it copies, and key material that nobody else has.
"""
