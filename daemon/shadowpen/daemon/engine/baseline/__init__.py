"""Engines of models that are no Transformers: baselines to compare with."""
