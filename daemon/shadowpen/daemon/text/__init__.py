"""Between characters, bytes and token ids. Knows nothing of models or editors."""
