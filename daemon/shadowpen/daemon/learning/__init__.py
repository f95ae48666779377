"""When to train, the results of training, and forgetting."""
