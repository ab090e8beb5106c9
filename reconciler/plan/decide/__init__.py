"""What happens to each resource: declared keys, aliases and grants, their successors, and orphans. Pure."""
