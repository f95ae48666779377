"""Baselines to compare with: the engine of models that are no Transformers, and a prefix that was learned."""
