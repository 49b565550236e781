"""One request on its way: performs what the policy decides, and decides nothing itself.

It may know all but sessions, the fast path and the patcher. Start with `exchange`.
"""
