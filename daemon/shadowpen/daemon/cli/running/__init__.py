"""The commands about what runs, and how well."""
