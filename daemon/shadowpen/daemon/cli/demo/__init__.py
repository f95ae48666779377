"""`shadowpen demo`: a scripted writer uses the real thing."""
