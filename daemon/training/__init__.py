"""Learning from the author's text, in a process of its own; the one part of the daemon that may import torch."""
