"""Texts for training and memory, from files and journal."""
