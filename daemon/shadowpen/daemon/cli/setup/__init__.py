"""The commands that install, configure, examine and remove Shadowpen."""
