"""Which requests are the same request, and what is secret: keys, bodies, credentials, redaction.

Pure: it may know `errors` and nothing else of ours. Start with `keys`.
"""
