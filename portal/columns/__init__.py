"""What the columns of a file mean: its headings, and the words, dates and names in its cells."""
