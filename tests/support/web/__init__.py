"""Applications of ours over HTTP, as tests have them."""
