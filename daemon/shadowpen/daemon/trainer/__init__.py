"""The trainer process: LoRA on the user's text, with torch."""
