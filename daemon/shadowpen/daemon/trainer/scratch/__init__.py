"""Small language models that begin with nothing: the baselines of the field, for the lab alone."""
