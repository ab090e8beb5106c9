"""The plan's steps carried out: executor, one step to one call, recovery."""
