"""The checks that `shadowpen doctor` runs, and the form of their findings."""
