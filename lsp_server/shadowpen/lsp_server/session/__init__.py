"""One editor's session, and the daemon's state that it shows."""
