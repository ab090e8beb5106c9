"""The cluster that the operator runs in: logging in, requests, the lease that makes one replica the leader, events."""
