"""The API's shapes, from botocore's service models: checking parameters, and views of them for the audit record."""
