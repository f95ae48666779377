"""`shadowpen demo`: a scripted writer uses Shadowpen."""
