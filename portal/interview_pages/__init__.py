"""The pages of interviews: planning one on a day's grid, one's own list, and each interview with its feedback."""
