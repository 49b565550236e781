"""DynamoDB backend: `CachedSession("name", backend="dynamodb", region_name="eu-west-1")`.

One table for responses and redirects; what is too large for an item is split over several.
`DynamoDbCache` is the cache, `DynamoDbDict` a mapping for values of your own.
"""

from __future__ import annotations

from .cache import DynamoDbCache
from .storage import DynamoDbDict

__all__ = ["DynamoDbCache", "DynamoDbDict"]
