"""One editor's session and what it tells the editor of the daemon."""
