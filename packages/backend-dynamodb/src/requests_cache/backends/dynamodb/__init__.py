"""DynamoDB backend: `CachedSession("name", backend="dynamodb", region_name="eu-west-1")`.

One table for responses and redirects; what is too large for an item is split over several.
`DynamoDbCache` is the cache, `DynamoDbDict` a mapping for values of your own.
"""

from __future__ import annotations

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[dynamodb]"'
    )

from .cache import DynamoDbCache
from .storage import DynamoDbDict

__all__ = ["DynamoDbCache", "DynamoDbDict"]
