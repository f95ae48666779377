"""One kind of file each: where it lies in, texts out. Runs only in the reading process."""
