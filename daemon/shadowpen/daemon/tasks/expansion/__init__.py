"""From notes to a paragraph: what is kept of their markup, the prompt, the ranking of candidates."""
