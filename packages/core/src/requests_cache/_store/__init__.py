"""Bytes, keys and times: entries, bodies in pieces, threads and forks beside a store.

It may know `errors` and `clock`; it knows neither responses nor HTTP. Start with `entry`.
"""
