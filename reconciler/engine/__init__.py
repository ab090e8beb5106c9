"""The bundled KMS: a complete engine for one machine that speaks the API of AWS KMS.

`engine.Engine` is the way in. A call passes the stages of `pipeline` in order; what an operation does is in
`operations`, one file a group; what it keeps is in `store`, sealed by `crypto`. Nothing heavy is imported here.
"""
