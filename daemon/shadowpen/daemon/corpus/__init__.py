"""From files and journal to the texts that training and memory read."""
