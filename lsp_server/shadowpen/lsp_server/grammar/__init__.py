"""Spelling and grammar: findings of Harper's in open documents, shown as diagnostics with fixes. Off by default."""
