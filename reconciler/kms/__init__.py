"""The port to a KMS: transport, throttle, retry, observe."""
