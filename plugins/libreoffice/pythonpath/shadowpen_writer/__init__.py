"""Shadowpen in LibreOffice Writer.

It runs in the office's own Python (3.8 and newer) and takes nothing but the standard library.
"""
