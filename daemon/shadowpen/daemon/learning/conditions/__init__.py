"""Conditions for a run to start: nobody types, enough text, the packages, the priority."""
