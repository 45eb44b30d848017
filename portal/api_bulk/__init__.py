"""Bulk actions under /api/v1/runs, and what differs at an application under /api/v1/disagreements."""
