"""Training by a recipe: typed hyperparameters, the interface of a recipe, and the training loop."""
