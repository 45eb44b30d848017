"""The Reports API.

https://developers.google.com/workspace/admin/reports/reference/rest/v1/activities
"""
