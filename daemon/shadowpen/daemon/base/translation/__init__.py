"""Translation of everything that Shadowpen says: English in the code, other languages in PO files."""
