"""The audit record: every call as a CloudTrail-shaped event."""
