"""The fast path to a hit: no prepared request, no look at the environment.

It may know all but sessions and the patcher. Start with `fast_path`.
"""
