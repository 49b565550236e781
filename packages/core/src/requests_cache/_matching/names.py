"""One table of names: what is compared, what is hidden, and what says who is asking.

Keys, redaction, `Vary` and the log read it, and nothing else. A name that is not in it is judged by
its words: `X-Shopify-AccessToken` is x, shopify, access, token. Names of header fields come in any
case, so what is run together is taken apart where all of it consists of known words: `apikey`,
`sessionid`, `accesstoken`, but neither `keyword` nor `author`. What is doubtful is hidden and
compared, and says nothing of who is asking.
"""

from __future__ import annotations

import re
from enum import Flag, auto
from functools import lru_cache
from typing import Final, NamedTuple

# The words of a name


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


# The table


class Where(Flag):
    """Where a name says who is asking."""

    NOWHERE = 0
    FIELD = auto()
    URL = auto()
    BODY = auto()
    ANYWHERE = FIELD | URL | BODY


class Row(NamedTuple):
    """What a name means."""

    compared: bool
    """Whether it is part of the key though nobody has named it (parameters always are)."""
    hidden: bool
    """Whether its value is kept out of all that is stored and logged."""
    says: Where = Where.NOWHERE
    """Where it says who is asking."""
    csrf: bool = False
    """Whether its value only proves that a form is one's own."""


_ROWS: Final = (
    # Header fields that no word tells. RFC 9110, 10.1.2; RFC 7239; RFC 9440; Username Token; then
    # APIs: GitLab, Dropbox, Stripe, OpenAI, Appwrite, Dynamics, Betfair, IG, eBay, Artifactory,
    # Vault, Berlin Group, Home Assistant, Devise Token Auth, UPS, ForgeRock, Hugging Face, Sage,
    # Autotask, Exchange, VTEX, carriers.
    (
        Row(True, True, Where.FIELD),
        "From Forwarded X-SSL-Cert X-WSSE X-Pass Sudo X-Sudo"
        " Dropbox-API-Select-Admin Dropbox-API-Path-Root Stripe-Context OpenAI-Project"
        " X-Appwrite-Project MSCRMCallerID CallerObjectId X-Application CST X-EBAY-API-DEV-NAME"
        " X-EBAY-API-APP-NAME X-EBAY-API-CERT-NAME X-EBAY-SOA-SECURITY-APPNAME X-JFrog-Art-Api"
        " X-Vault-Namespace PSU-ID PSU-Corporate-ID Consent-ID X-HA-Access uid"
        " AccessLicenseNumber X-UID Cookie2 X-Cookie X-Act-As X-Acting-As X-Run-As"
        " iPlanetDirectoryPro X-HF-Bill-To X-Business ApiIntegrationCode X-Up-Calling-Line-Id"
        " X-MSISDN X-WAP-MSISDN X-Nokia-MSISDN X-AnchorMailbox X-Delegate VtexIdclientAutCookie",
    ),
    # Parts of keys and of logins.
    (
        Row(True, True, Where.ANYWHERE),
        "key api_key app_key passwd pwd sig session_id PHPSESSID jsessionid cfid asp.net_sessionid"
        " assertion client_assertion id_token_hint oauth_verifier code_verifier device_code"
        " SAMLRequest SAMLResponse SAMLart wresult AWSAccessKeyId OSSAccessKeyId"
        " access_key_id GoogleAccessId key-pair-id"
        " secret_access_key secret_key private_key access_key subscription_key consumer_key"
        " passhash passkey hapikey"
        " oauth_consumer_key oobCode",
    ),
    # Codes of cards; tokens of Akamai's edge; Telegram; a login that holds all in one; Yahoo.
    (
        Row(True, True),
        "cvv cvv2 cvc cvc2 hdnea hdnts hdntl __gda__ api_hash connection_string conn_str crumb"
        " otc vcode two_factor 2fa security_answer",
    ),
    # In a URL it may choose a page; `parameter_says` looks at what stands beside it.
    (Row(True, True, Where.FIELD | Where.BODY), "code ticket pass appid DPoP Cookie"),
    # PHP and Laravel call that of a form so, and APIs that of a user; Moodle.
    (Row(True, True, Where.ANYWHERE, csrf=True), "token sesskey logintoken"),
    # Django, Rails, Angular, Tornado, ASP.NET, Spring, WordPress, Drupal, Symfony, Jenkins, Moodle,
    # Magento, web2py, MyBB, Facebook, Plone, ServiceNow, Jakarta Faces.
    (
        Row(False, True, csrf=True),
        "X-CSRF-Token X-CSRF X-XSRF-Token csrf_token csrfmiddlewaretoken csrf csrf_param xsrf"
        " xsrf_token authenticity_token RequestVerificationToken anti-csrf-token _wpnonce"
        " form_token form_build_id X-WP-Nonce Jenkins-Crumb"
        " form_key my_post_key fb_dtsg _authenticator sysparm_ck javax.faces.ViewState"
        " jakarta.faces.ViewState",
    ),
    # Names that say nothing, although a word of theirs does elsewhere.
    (
        Row(False, False),
        "Sec-Fetch-User X-Line-Retry-Key Sec-WebSocket-Key"
        " Accept-Signature Signature-Input Surrogate-Key X-Surrogate-Key X-Cache-Key",
    ),
)
_TABLE: Final = {squash(name): row for row, names in _ROWS for name in names.split()}

# Wherever such a word stands in a name, the value is a secret.
_STRONG: Final = word_set(
    "secret password passwd passphrase jwt credential authorization magic cvv cvc"
)
# What is sent to somebody, and lets him in once.
_ENTRIES: Final = SECRETS | ENTRIES
_LETTING_IN: Final = ENTRIES | word_set("auth authentication authorization otp totp mfa jwt token")
_OF_LINKS: Final = word_set("key code hash link")
_ONCE: Final = word_set("otp totp mfa")
# Whose key is a secret; that of a table, a sort or an object is none.
_OWNERS_OF_KEYS: Final = (_ENTRIES | PEOPLE | NEAR_ID) | word_set(
    "private master signing encryption shared share deploy ssh host service admin server developer"
    " dev partner vendor merchant storage write edit stream webhook guest licence"
)
# Whose code is one, which a login asks for besides the password, or in its place.
_OWNERS_OF_CODES: Final = _ENTRIES | word_set(
    "device door email fa factor gate onetime pass sms tfa time user"
)
_OWNERS_OF_PASSWORDS: Final = (
    SECRETS
    | PEOPLE
    | word_set(
        "admin database db ftp imap ldap mail my new old pop proxy root service smtp ssh wifi"
    )
)
_WHO: Final = SECRETS | PEOPLE
_IDENTIFIED: Final = NEAR_ID | PARTIES
# A header field comes in any case, so nobody can split `OTCSTicket` or `ImpersonationResourceId`.
# In another word the longer ones do not occur by chance, and the shorter ones not at its end.
_SHORTEST_PART: Final = 6
_PARTS_OF_WORDS: Final = (*(word for word in _WHO if len(word) >= _SHORTEST_PART), "clientcert")
_ENDS: Final = ("user", "email", "login", "apikey", *(f"{w}id" for w in _IDENTIFIED | PEOPLE))
# What is a secret by the word beside it.
_OWNERS: Final = {
    "key": _OWNERS_OF_KEYS,
    "code": _OWNERS_OF_CODES,
    "hash": _ENTRIES | {"user", "email"},
    "link": _ENTRIES | {"private", "share", "time", "onetime"},
    "pass": _OWNERS_OF_PASSWORDS,
    "pw": _OWNERS_OF_PASSWORDS,
    "id": frozenset({"session", "token"}),
}
# Signatures, and tokens that are renewed: a short exact list.
_RENEWED: Final = re.compile(
    r"(?i)access_token|sig|signature|oauth_(?:nonce|signature|timestamp)"
    r"|(?:x-amz|x-goog)-(?:credential|date|expires|security-token|signature)"
)
# What one chooses a page by is short, and does not stand beside parameters of OAuth.
_PAGES: Final = frozenset({"code", "ticket", "pass", "pin", "sign", "session"})
_OAUTH: Final = frozenset({"state", "redirect_uri", "grant_type", "client_id", "session_state"})
_LONG: Final = 10
# What a response names so may be the way to the next page.
_CURSORS: Final = frozenset({"key", "token"})
_PARTS: Final = re.compile(r"[^\[\]]*[A-Za-z][^\[\]]*")
_REMEMBERED: Final = 2048
_ASKS: Final = Row(True, True, Where.FIELD)
_NOTHING: Final = Row(False, False)


@lru_cache(_REMEMBERED)
def field_row(name: str) -> Row:
    """Give what a header field means."""
    row = _TABLE.get(squash(name))
    if row is not None:
        return row
    words = words_of(name)
    if words[-2:] == ["user", "agent"] or _is_traced(words):
        return _NOTHING
    says = (
        any(map(_is_who, words))
        or words[-1:] == ["key"]
        or ("id" in words and not _IDENTIFIED.isdisjoint(words))
        or ("client" in words and not CERTIFICATES.isdisjoint(words))
        or _hides(words)
    )
    return _ASKS if says else _NOTHING


def _is_who(word: str) -> bool:
    """Say whether a word is one of those, in the plural, or run together with others."""
    return (
        word.removesuffix("s") in _WHO
        or word in _WHO
        or word.endswith(_ENDS)
        or any(part in word for part in _PARTS_OF_WORDS)
    )


def _is_traced(words: list[str]) -> bool:
    is_id = words[-1:] == ["id"] and not TRACED.isdisjoint(words[-2:-1])
    return is_id or "idempotency" in words


@lru_cache(_REMEMBERED)
def field_says(name: str) -> bool:
    """Say whether a header field tells who is asking."""
    return Where.FIELD in field_row(name).says


def is_listed(name: str) -> bool:
    """Say whether the table has a name, and no words need be looked at."""
    return squash(name) in _TABLE


def is_csrf(name: str) -> bool:
    """Say whether a name is that of a value that proves that a form is one's own."""
    bare = squash(_inner(name))
    row = _TABLE.get(bare)
    return row.csrf if row is not None else "csrf" in bare or "xsrf" in bare


def is_token(name: str) -> bool:
    """Say whether a hidden field of a form may hold a token that its session is bound to."""
    words = words_of(_inner(name))
    return words[-1:] == ["token"] and HARMLESS.isdisjoint(words)


@lru_cache(_REMEMBERED)
def _last_says(name: str, place: Where) -> bool:
    name = _inner(name)
    row = _TABLE.get(squash(name))
    if row is not None:
        return place in row.says
    words = words_of(name)
    if not words or not HARMLESS.isdisjoint(words):
        return False
    return words[-1] in (PARAMETERS if place is Where.URL else _WHO) or _lets_in(words)


def _lets_in(words: list[str]) -> bool:
    """Say whether a name is that of what lets somebody in, as a link does that he was sent."""
    if words[-1] in _ONCE or words == ["magic"]:
        return True
    return words[-1] in _OF_LINKS and not _LETTING_IN.isdisjoint(words[:-1])


def parameter_says(name: str, value: str, names: frozenset[str] | set[str]) -> bool:
    """Say whether a parameter of a URL, which has these `names` in lower case, says who asks."""
    if _last_says(name, Where.URL):
        return True
    lowered = name.lower()
    # RFC 6749, 4.1.2; the CAS protocol, 3.1
    return (lowered == "code" and "state" in names) or (
        lowered == "ticket" and value.startswith("ST-")
    )


def body_says(name: str) -> bool:
    """Say whether a member of a body tells who is asking."""
    return _last_says(name, Where.BODY)


def is_renewed(name: str) -> bool:
    """Say whether a parameter is a signature, or a token that is renewed."""
    return _RENEWED.fullmatch(name) is not None


@lru_cache(_REMEMBERED)
def is_hidden(name: str) -> bool:
    """Say whether the value of a parameter, of a member or of a thing in a text is hidden."""
    name = _inner(name)
    row = _TABLE.get(squash(name))
    if row is not None:
        return row.hidden and row.says is not Where.FIELD
    return _hides(words_of(name))


def _hides(words: list[str]) -> bool:
    if not words or not HARMLESS.isdisjoint(words):
        return False
    return (
        not _STRONG.isdisjoint(words)
        or words[-1] in SECRETS
        or not _OWNERS.get(words[-1], frozenset()).isdisjoint(words[:-1])
    )


def doubtful_parameter(
    name: str, value: str, names: frozenset[str] | set[str], of_response: bool
) -> bool:
    """Say whether a hidden name may choose a page all the same, in a URL with these `names`.

    What a response says may be the way to the next page.
    """
    bare = squash(name)
    if bare in _CURSORS and of_response:
        return True
    return bare in _PAGES and len(value) < _LONG and _OAUTH.isdisjoint(names)


def _inner(name: str) -> str:
    """Give the last part of a name such as `user[password]` that is no number."""
    parts = _PARTS.findall(name) if name.endswith("]") else None
    return parts[-1] if parts else name
