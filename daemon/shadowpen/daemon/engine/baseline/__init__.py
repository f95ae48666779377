"""Baselines to compare with: models that are not Transformers, and a learned prefix."""
