"""One page about what Shadowpen did for the user, without the user's text."""
