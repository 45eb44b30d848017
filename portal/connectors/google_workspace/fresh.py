"""Accounts of Google Workspace that were made moments ago: Google may answer 404, 403 or 412 for them.

https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/insert
"""

from portal.connectors.fresh import Fresh

FRESH = Fresh("Google Workspace")
