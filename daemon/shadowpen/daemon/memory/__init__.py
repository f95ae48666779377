"""The memory: an index of the user's earlier text, searched at every key."""
