"""One comparator a facet of a resource: what differs, and the steps that make it so. Pure."""
