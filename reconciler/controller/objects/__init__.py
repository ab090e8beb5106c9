"""What is in the cluster, as far as it concerns the operator."""
