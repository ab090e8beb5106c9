"""What is done, in which order: the queue, the batches, the reconciliation of each, and the checks for drift."""
