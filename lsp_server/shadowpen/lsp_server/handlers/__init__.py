"""Hand each method and command of an editor to its part of the session."""
