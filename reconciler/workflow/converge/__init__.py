"""Some objects of one stack brought to, or compared with, what a KMS holds: the use case behind the operator.

Where `plan` and `apply` take a whole stack and refuse all of it for one fault, this takes any part of one and gives
each object a verdict of its own, so that nobody waits for a neighbour's mistake.
"""
