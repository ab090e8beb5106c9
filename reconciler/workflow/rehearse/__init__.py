"""A rehearsal: a plan carried out by the real executor on a copy of the account, in an engine of its own.

The real KMS is only read. What is copied is what the plan was made from, and of the keys that it touches the policies,
whether the plan needed them or not.
"""
