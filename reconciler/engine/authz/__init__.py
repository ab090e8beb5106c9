"""Who may do what: the engine's side of authorisation.

`authorise` is the stage of the pipeline. What each operation asks permission for is a table (`actions`); what policies
can ask about a request is computed key by key, when a policy asks (`facts`); the decision itself is that of
`policy.evaluate`. `authority` knows the identities and remembers what does not change from call to call.
"""
