"""IAM policy documents: parse, normalise, compare, compile from roles. Pure."""
