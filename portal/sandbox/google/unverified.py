"""Readings that nobody has shown us at Google itself. Each stands here alone, to be corrected by one look at Google.

Every other module takes these from here, and says what Google's own documents or others' logs say.
"""

# What deletes, undeletes and sign-outs answer with.
DONE_WITHOUT_BODY = 204
# A suspended person's refresh token; the other reading is ("access_denied", "Account restricted").
SUSPENDED_AT_REFRESH = ("invalid_grant", "Account restricted")
# What hd says of a person in a secondary domain: that domain; the other reading is the primary one.
HD_IS_PRIMARY = False
# The reference page says of delegated administrators that requests to create, undelete or promote are "ignored".
DELEGATED_MAY_CREATE = False
# If-Match is honoured on PUT and PATCH.
IF_MATCH = True
# Suspending ends the sessions and access tokens of the person.
SUSPEND_ENDS_TOKENS = True
# A domain alias cannot be the domain of a primary address.
DOMAIN_ALIAS_AS_PRIMARY = False
# A licence that is held already, and one for which no seat is left: status, reason, message.
LICENCE_HELD = (412, "conditionNotMet", "User already has a license for the specified product and SKU")
NO_SEAT = (412, "conditionNotMet", "There aren't enough available licenses for the specified product-SKU pair.")
NO_UNASSIGNMENT = (412, "conditionNotMet", "Auto License un-assignment is not allowed")
# A new user whom the licence service does not know yet.
LICENCE_USER_UNKNOWN = (400, "invalid", "Invalid value for: userId")
# The first sign-in has not been.
NEVER_SIGNED_IN = "1970-01-01T00:00:00.000Z"
# A renamed user's earlier address becomes an alias.
RENAME_LEAVES_ALIAS = True
# tokens.list and asps.list of somebody who is suspended or deleted.
TOKENS_OF_SUSPENDED = 401
# Every picture is written again: even one of the right size is not shown byte by byte as it was sent.
PHOTO_QUALITY = 70
LOG_LIFE = 180 * 86400.0
# Names of the admin log's events: those of the Directory API's own writes as well as the console's.
LOG_NAMES: dict[str, str] = {
    "create": "CREATE_USER", "delete": "DELETE_USER", "undelete": "UNDELETE_USER", "suspend": "SUSPEND_USER",
    "unsuspend": "UNSUSPEND_USER", "archive": "ARCHIVE_USER", "unarchive": "UNARCHIVE_USER", "rename": "RENAME_USER",
    "given": "CHANGE_FIRST_NAME", "family": "CHANGE_LAST_NAME", "password": "CHANGE_PASSWORD",
    "move": "MOVE_USER_TO_ORG_UNIT", "licence": "USER_LICENSE_ASSIGNMENT", "no licence": "USER_LICENSE_REVOKE",
    "promote": "GRANT_ADMIN_PRIVILEGE", "demote": "REVOKE_ADMIN_PRIVILEGE", "alias": "ADD_NICKNAME",
    "no alias": "REMOVE_NICKNAME", "sign out": "RESET_SIGNIN_COOKIES",
    "custom": "CHANGE_USER_CUSTOM_FIELD", "other": "CHANGE_USER_ORGANIZATION", "external": "CHANGE_USER_EXTERNAL_ID",
    "relation": "CHANGE_USER_RELATION", "phone": "CHANGE_USER_PHONE_NUMBER", "address": "CHANGE_USER_ADDRESS",
    "recovery": "CHANGE_RECOVERY_EMAIL", "must change": "CHANGE_PASSWORD_ON_NEXT_LOGIN",
}  # fmt: skip
# An empty array sent for externalIds and the like; only null clears.
EMPTY_LIST_CLEARS = False
