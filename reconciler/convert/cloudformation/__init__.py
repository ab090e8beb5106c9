"""CloudFormation: templates, and what a stack says of its resources."""
