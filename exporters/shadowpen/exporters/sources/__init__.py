"""Where checkpoints come from: each source fetches one into a folder and says what it is. None runs what it fetches."""
