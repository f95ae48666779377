"""From notes to a paragraph: markup, prompt, candidates, ranking."""
