"""Models known to work: which there are, which of them this machine is quick enough for, and a tune for one of them."""
