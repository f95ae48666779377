"""The trigger's prior, fitted once for everyone, before it has learned from the user.

Logistic regression of "a simulated writer takes something of it" on the features, over every place of 200 characters
of each of 27 texts by nine authors at which the shipped default model (int8) has a text worth reading: 3,529 of them
(see evaluation/prior.py).
"""

from __future__ import annotations

PRECISION = 40.0  # of each weight: the bias moves by about a fortieth of the surprise at first

WEIGHTS = {
    "always": -0.2,
    "first_word": 0.85,
    "whole_text": 0.0,
    "margin": -0.1,
    "letters_typed": 0.0,
    "new_word": 0.0,
    "length": 0.2,
    "sentence_start": -0.7,
    "line_start": -0.6,
    "taken_of_late": 0.5,  # a simulated writer has no moods: by hand, so that a row of misses makes it quieter
    "quiet_keys": 0.0,
    "pause": 0.0,
}

# How far each may go. A writer who takes nothing is still offered about four tenths of what others are.
COMMON_REACH = 0.5
REACH = {"always": 0.7, "margin": 0.3, "first_word": 0.2, "whole_text": 0.2}
