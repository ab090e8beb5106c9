"""Quotas: how often an account may call, and how much it may have.

Resource quotas always count. Request quotas count when the engine is opened with a profile of them; all processes of a
data folder keep one count (`store.request_counts`). Values can be raised as AWS raises them.
"""
