"""What Google lets be: names, addresses, passwords, arrays, searches."""
