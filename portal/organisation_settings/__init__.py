"""The pages General settings and Mail settings."""
