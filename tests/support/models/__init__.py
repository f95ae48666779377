"""Small models for tests, and the texts that they know."""
