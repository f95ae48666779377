"""Commands about running processes and their quality."""
