"""Full training: every weight of the model learns."""
