"""DynamoDB backend: `CachedSession("name", backend="dynamodb", region_name="eu-west-1")`.

One table for responses and redirects; what is too large for an item is split over several.
`DynamoDbCache` is the cache, `DynamoDbDict` a mapping for values of your own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import requests_cache

if getattr(requests_cache, "DISTRIBUTION", None) != "requests-cache-core":
    # Not an ImportError: requests-cache takes that for a driver that is missing.
    raise RuntimeError(
        "the package requests_cache is not that of requests-cache-core: another distribution has"
        " overwritten its files, or they were removed with it. pip uninstall requests-cache"
        ' requests-cache-core; pip install --force-reinstall "requests-cache-core[dynamodb]"'
    )

from requests_cache import _door

from .cache import DynamoDbCache
from .storage import DynamoDbDict

__all__ = ["DynamoDbCache", "DynamoDbDict"]


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
