"""Spelling and grammar of English: Harper in a process of its own, and which of its findings count."""
