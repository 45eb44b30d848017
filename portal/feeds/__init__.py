"""Feeds: records of employees fetched from an HR system by schedule, compared, shown, and taken over."""
