"""Signed URLs are found again in a partition, whatever their signature is."""

from __future__ import annotations

import pytest
from requests_cache import BaseCache, CachedSession, signed_urls
from sites import Public
from web import Web

AWS_4 = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIA{n}%2F20261128%2Feu%2Fs3%2Faws4_request"
    "&X-Amz-Date=20261128T12000{n}Z&X-Amz-Expires=30{n}&X-Amz-SignedHeaders=host"
    "&X-Amz-Security-Token=token{n}&X-Amz-Signature=5f3{n}"
)
SIGNED: dict[str, tuple[tuple[str, ...], str]] = {
    "AWS": (signed_urls.AWS, AWS_4),
    "AWS, version 2": (signed_urls.AWS, "AWSAccessKeyId=AK{n}&Expires=17{n}&Signature=a%2B{n}"),
    "Google": (signed_urls.GOOGLE, AWS_4.replace("X-Amz", "X-Goog").replace("AWS4", "GOOG4")),
    "Google, version 2": (
        signed_urls.GOOGLE,
        "GoogleAccessId=a%40b.test{n}&Expires=17{n}&Signature=a%2B{n}",
    ),
    "Azure": (
        signed_urls.AZURE,
        "sv=2024-11-04&ss=b&srt=sco&sp=r&st=2026-11-2{n}&se=2026-11-3{n}&spr=https&sig=a%2B{n}",
    ),
    "Azure, of a user": (
        signed_urls.AZURE,
        "sp=r&st=1{n}&se=2{n}&skoid=3&sktid=4&skt=1{n}&ske=2{n}&sks=b&skv=5&sv=6&sr=b&sig=7{n}",
    ),
    "CloudFront": (signed_urls.CLOUDFRONT, "Expires=17{n}&Signature=a~{n}&Key-Pair-Id=K{n}"),
    "CloudFront, custom": (
        signed_urls.CLOUDFRONT,
        "Policy=eyJ{n}&Signature=a~{n}&Key-Pair-Id=K{n}&Hash-Algorithm=SHA256",
    ),
}


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("kind", SIGNED)
def test_a_signed_url_is_found_again_in_its_partition_alone(kind: str, rules: bool) -> None:
    names, signature = SIGNED[kind]
    cache = BaseCache(ignored_parameters=names)
    with Web(**{"a.test": Public()}) as web:

        def ask(path: str, number: int, partition: str) -> bool:
            session = CachedSession(backend=cache, partition=partition, cache_control=rules)
            session.proxies, session.trust_env = {"http": web.url("")}, False
            answer = session.get(f"http://a.test/{path}{signature.format(n=number)}")
            return answer.from_cache

        assert not ask("file?", 1, "alice")
        assert ask("file?", 2, "alice")
        assert not ask("other?", 2, "alice")
        assert not ask("file?versionId=7&", 2, "alice")
        assert not ask("file?", 2, "bob")
    heads = b"".join(entry.head for _, entry in cache.entries(bodies=True))
    assert b"Signature=a" not in heads
    assert b"sig=a" not in heads
