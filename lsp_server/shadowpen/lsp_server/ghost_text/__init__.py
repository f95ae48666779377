"""Ghost text: suggestions, how they are shown, what became of them."""
