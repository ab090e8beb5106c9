"""CustomResourceDefinitions, made from the JSON Schemas and from rules in CEL. Pure: nothing here knows a cluster."""
