"""Models known to work: the list, which are fast enough on this machine, and tunes for them."""
