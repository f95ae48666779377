"""Silence: when nothing is shown, and the reasons for it in words."""
