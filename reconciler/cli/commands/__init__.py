"""One file a command: `USAGE`, `DESCRIPTION`, `EXAMPLES`, `add_arguments(parser)` and `run(args, context) -> int`."""
