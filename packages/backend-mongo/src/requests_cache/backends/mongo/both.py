"""The response and the redirect of a key, in one round trip."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from pymongo.errors import OperationFailure
from requests_cache.backends.base import Entry

if TYPE_CHECKING:
    from .connection import Document
    from .storage import MongoDict

__all__ = ["Opened", "open_both", "read_both"]

_MARK: Final = "is_redirect"


Opened: TypeAlias = tuple[Entry, BinaryIO]


def read_both(
    responses: MongoDict, redirects: MongoDict, key: str, beside: str | None = None
) -> tuple[Entry | None, Entry | None] | None:
    """Give what lies under a key in each, or under `beside` among the redirects.

    What is in files takes more round trips.

    None from a server that cannot look into two collections at once.
    """
    found = _find(responses, redirects, key, beside)
    return found and (responses.entry_of(found[0]), redirects.entry_of(found[1]))


def open_both(
    responses: MongoDict, redirects: MongoDict, key: str, beside: str | None = None
) -> tuple[Opened | None, Entry | None] | None:
    """Do what `read_both` does, with the body of the response as a file."""
    found = _find(responses, redirects, key, beside)
    return found and (responses.open_document(found[0]), redirects.entry_of(found[1]))


def _find(
    responses: MongoDict, redirects: MongoDict, key: str, beside: str | None = None
) -> tuple[Document | None, Document | None] | None:
    if not responses.can_unite:
        return None
    chosen: Document = {"$match": {"_id": key}}
    others = [{"$match": {"_id": beside or key}}, {"$addFields": {_MARK: True}}]
    union = {"$unionWith": {"coll": redirects.collection_name, "pipeline": others}}
    with responses.errors(), responses.haste():
        try:
            found = list(responses.collection.aggregate([chosen, union]))
        except OperationFailure as error:
            # Servers before 4.4, and some that speak the same protocol.
            if "$unionWith" not in str(error):
                raise
            responses.can_unite = False
            return None
    response = next((document for document in found if _MARK not in document), None)
    redirect = next((document for document in found if _MARK in document), None)
    return response, redirect
