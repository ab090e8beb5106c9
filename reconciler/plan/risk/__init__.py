"""What could go wrong with a change, and the guard that refuses it. Pure."""
