"""A corpus made by configuration: sources, cleaning, annotations, captions and transcripts."""
