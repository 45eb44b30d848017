"""The names of SCIM that more than one module needs, without the library that reads it."""

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
DATES = "urn:ietf:params:scim:schemas:extension:portal:2.0:User"
MEDIA_TYPE = "application/scim+json"
