"""What programs written for requests-cache 0.7 to 1.3 say, and what it is here.

The tables are data: the code looks names and options up in them, and docs are made from them.
"""
