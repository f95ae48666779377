"""Which methods and commands of an editor go to which part of the session."""
