"""What the installed model and the whole chain from key to answer cost on this machine."""
