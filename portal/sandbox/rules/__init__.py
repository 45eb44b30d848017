"""What Graph accepts, and what it refuses. Each module names the pages it follows."""
