"""What signed URLs are signed with: names for `ignored_parameters`, by who signs.

A signed URL is another one for each caller and each time. Who signs for one user only gives the
session a `partition`, too, and the names of his store here; then a URL is found again, whatever its
signature is.

Example:
    >>> from requests_cache import CachedSession
    >>> from requests_cache.signed_urls import AZURE
    >>> session = CachedSession("files", "memory", partition="alice", ignored_parameters=AZURE)
"""

from __future__ import annotations

from typing import Final

__all__ = ["AWS", "AZURE", "CLOUDFRONT", "GOOGLE"]

AWS: Final = (
    *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires"),
    *("X-Amz-SignedHeaders", "X-Amz-Signature", "X-Amz-Security-Token"),
    *("AWSAccessKeyId", "Signature", "Expires", "x-amz-security-token"),
)
"""Amazon S3: Signature Version 4, and 2.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
"""
GOOGLE: Final = (
    *("X-Goog-Algorithm", "X-Goog-Credential", "X-Goog-Date", "X-Goog-Expires"),
    *("X-Goog-SignedHeaders", "X-Goog-Signature"),
    *("GoogleAccessId", "Signature", "Expires"),
)
"""Google Cloud Storage: V4 and V2.

https://cloud.google.com/storage/docs/access-control/signed-urls
"""
AZURE: Final = (
    *("sv", "ss", "srt", "sr", "sp", "st", "se", "sip", "spr", "si", "sig", "sdd"),
    *("skoid", "sktid", "skt", "ske", "sks", "skv", "saoid", "suoid", "scid", "ses"),
)
"""Azure Storage: shared access signatures of an account, a service and a user.

https://learn.microsoft.com/rest/api/storageservices/delegate-access-with-shared-access-signature
"""
CLOUDFRONT: Final = ("Expires", "Policy", "Signature", "Key-Pair-Id", "Hash-Algorithm")
"""Amazon CloudFront: canned and custom policies.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-signed-urls.html
"""
