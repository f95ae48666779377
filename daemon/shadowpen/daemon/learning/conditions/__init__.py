"""Conditions of a run: nobody types, enough text, the packages, the lowest priority."""
