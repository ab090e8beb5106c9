"""A plan carried out: a walk over its steps, one call a step, and what to do when an answer is lost."""
