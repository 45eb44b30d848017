"""What the columns of an imported file mean: its headings, and the words, dates and names in its cells."""
