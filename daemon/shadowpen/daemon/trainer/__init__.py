"""What runs with torch: the trainer process, and the encoder that monitoring compares texts with."""
