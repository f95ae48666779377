"""The index of the memory: in a file, in memory, and its arithmetic."""
