"""One reader for each kind of file: a path in, texts out. Runs only in the reading process."""
