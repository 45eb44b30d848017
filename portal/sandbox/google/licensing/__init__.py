"""The Enterprise License Manager API.

https://developers.google.com/workspace/admin/licensing/reference/rest/v1/licenseAssignments
"""
