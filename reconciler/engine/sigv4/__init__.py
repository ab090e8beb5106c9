"""AWS Signature Version 4, the verifying side. Pure: no clock, no I/O, and no secrets but those it is given.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
"""
