"""`shadowpen open`: pages in the browser about what was learned, versions, settings and the report."""
