"""What more than one module needs to know of SCIM, without the library that reads it."""

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DATES = "urn:ietf:params:scim:schemas:extension:portal:2.0:User"
MEDIA_TYPE = "application/scim+json"
# Bytes of one request, bulk or not.
LARGEST = 1_048_576
