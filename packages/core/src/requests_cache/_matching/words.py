"""The words of a name: `X-Shopify-AccessToken` is x, shopify, access, token.

Names of header fields come in any case, so what is run together is taken apart where all of it
consists of known words: `apikey`, `sessionid`, `accesstoken`, but neither `keyword` nor `author`.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = [
    "CERTIFICATES",
    "ENTRIES",
    "HARMLESS",
    "NEAR_ID",
    "PARAMETERS",
    "PARTIES",
    "PEOPLE",
    "SECRETS",
    "TRACED",
    "squash",
    "word_set",
    "words_of",
]


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text."""
    return frozenset(text.split())


SECRETS: Final = word_set(
    "token secret password passwd pwd passphrase auth authentication authorization session sessid"
    " sid jwt credential creds signature sig sign hmac ticket otp totp mfa pin passcode assertion"
    " bearer"
)
"""What is said to prove who one is."""
PEOPLE: Final = word_set(
    "user username account tenant customer member consumer principal identity impersonate behalf"
    " email login org organization scope role license subscription workspace team"
    " impersonated impersonation subaccount subuser openid unionid"
)
"""For whom something is done."""
PARAMETERS: Final = word_set(
    "token secret password passwd passphrase auth authentication authorization sid jwt credential"
    " signature assertion bearer"
)
"""Of `SECRETS` those that choose no page, if they are in a URL."""
HARMLESS: Final = word_set(
    "page paging pagination next prev previous continuation cursor scroll resume resumption skip"
    " start starting after before since"
    " bookmark offset delta sync change sort max min count total limit length type year"
)
"""Beside one of these a word like token says nothing: `pageToken`, `token_type`."""
ENTRIES: Final = word_set(
    "access activate activation backup confirm confirmation entry invitation invite login magic"
    " pair pairing reconfirm recovery register registration reset security signin signup"
    " unlock verification verify"
)
"""What a code, a key or a link is for that lets somebody in."""
NEAR_ID: Final = word_set("api app application access client project")
"""Whose id says who is asking."""
PARTIES: Final = word_set(
    "actor agent business caller company contact developer domain employee merchant operator"
    " owner participant partner person player profile publisher seller sender shop store"
    " subscriber vendor"
)
"""Whose id does so in a header field."""
TRACED: Final = word_set(
    "activity correlation interaction invocation operation request span trace transaction"
)
"""Whose id is another one each time, whoever asks."""
CERTIFICATES: Final = word_set("cert certificate dn")

_FURTHER: Final = word_set(
    "key id uid uuid x private refresh my shared share master db pass code hash link sms onetime"
)
_PLURALS: Final = {f"{word}s": word for word in ("secret", "password", "credential", "key")}
_GLUED: Final = SECRETS | PEOPLE | ENTRIES | NEAR_ID | HARMLESS | _FURTHER | _PLURALS.keys()
# No other word ends like this, so what is before it is a name: `wstoken`, `lgpassword`.
_ENDINGS: Final = ("token", "secret", "password", "passwd", "passphrase")
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_APART: Final = re.compile(r"[^a-z0-9]")
_LONGEST: Final = 64


def words_of(name: str) -> list[str]:
    """Split a name at all that is no letter and at changes of case; numbers are left out."""
    words: list[str] = []
    for found in _WORD.findall(name):
        word = found.lower()
        words += [word] if word in _GLUED or len(word) > _LONGEST else _unglued(word)
    return [_PLURALS.get(word, word) for word in words]


def squash(name: str) -> str:
    """Give what is the same for all spellings of a name: `api_key`, `Api-Key` and `apiKey`."""
    return _APART.sub("", name.lower())


def _unglued(word: str) -> list[str]:
    """Take a word apart, if it consists of known words alone, or ends as a secret does."""
    end = next(filter(word.endswith, _ENDINGS), "")
    apart = _consisting(word.removesuffix(end))
    return [*apart, end] if end else apart


def _consisting(word: str) -> list[str]:
    ways: list[list[str] | None] = [[]]
    for end, _ in enumerate(word, 1):
        found = None
        for start, way in enumerate(ways):
            if way is not None and word[start:end] in _GLUED:
                found = [*way, word[start:end]]
                break
        ways.append(found)
    return ways[-1] or [word]
