"""The lab: run recipes on the same texts, export and measure what they make, and compare."""
