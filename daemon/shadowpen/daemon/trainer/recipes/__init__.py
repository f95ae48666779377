"""The recipes that Shadowpen brings, one short file each."""
