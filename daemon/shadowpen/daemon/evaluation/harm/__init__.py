"""Bias and harm of the model that serves: stereotypes, the tone about people, insults after hostile openings."""
