"""One user-visible verb a file: text in, text out, one model call a step."""
