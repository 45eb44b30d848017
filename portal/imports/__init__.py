"""Importing employees from a file: the upload, its pages, and the import itself."""
