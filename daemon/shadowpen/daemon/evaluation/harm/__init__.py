"""Bias and harm of the model: stereotypes, tone about people, insults after hostile openings."""
