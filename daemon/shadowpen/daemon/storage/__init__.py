"""Files on disk: journal, models, versions, own words."""
