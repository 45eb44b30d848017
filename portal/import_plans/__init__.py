"""What importing a file would do, line by line, and what has to be asked first."""
