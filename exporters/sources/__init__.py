"""Where checkpoints come from, one kind a file; each is an entry point of `shadowpen.sources`."""
