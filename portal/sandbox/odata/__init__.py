"""OData as far as the directory speaks it: options of a request, $filter, $search, $select, pages.

https://learn.microsoft.com/graph/query-parameters and https://learn.microsoft.com/graph/aad-advanced-queries
"""
