"""The Directory API.

https://developers.google.com/workspace/admin/directory/reference/rest/v1
"""
