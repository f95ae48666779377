"""The conditions and the results of training, and forgetting."""
