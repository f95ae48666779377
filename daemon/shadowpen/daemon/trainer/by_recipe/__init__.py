"""Learning by a recipe: typed hyperparameters, what a recipe must be, and the loop that follows one."""
