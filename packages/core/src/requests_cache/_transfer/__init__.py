"""The body of a response on its way from the origin to the caller and to the store.

It may know `_store`, `models` and `policy`. Start with `capture`.
"""
