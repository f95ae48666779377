"""What the author has written before, found again between two keys. Knows neither models nor the wire."""
