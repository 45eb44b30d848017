"""Bulk actions: choosing the people, planning, and carrying out many operations."""
