"""kmsctl: a declarative reconciler and GitOps operator for AWS KMS."""

__version__ = "0.1.0"
