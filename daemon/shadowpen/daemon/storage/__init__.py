"""What is kept on disk: journal, models, versions, own words."""
