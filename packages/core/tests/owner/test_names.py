"""Names that say who is asking, and names that only look so: from public documentation."""

from __future__ import annotations

import re

import pytest
from api_fields import FIELDS as API_FIELDS
from requests import Request
from requests_cache._matching import names
from requests_cache._matching.cookie_names import is_csrf_cookie, is_passing
from requests_cache._matching.credentials import REDACTED, Redactor
from requests_cache._matching.keys import Matching
from requests_cache._matching.names import squash, words_of


def listed(text: str) -> list[str]:
    return text.split()


# Header fields that say who is asking.
FIELDS = API_FIELDS + listed("""
Authorization Proxy-Authorization X-API-Key X-Amz-Security-Token X-Api-Token X-Auth
X-Authorization X-Token X-User-Token X-Typesense-API-Key X-Subscription-Token
X-Parse-Application-Id X-Forwarded-Access-Token X-Forwarded-User X-Forwarded-Email
X-Session-ID X-SessionID X-SESSID X-Gitlab-Token X-Consul-Token X-Remote-User X-Tenant-Id
X-Account-Id X-Customer-ID X-Impersonate-User X-MS-Client-Principal X-Org-Id Forwarded DPoP
X-Mashape-Key CB-ACCESS-SIGN KC-API-KEY KC-API-SIGN OK-ACCESS-SIGN X-Discourse-Username
X-ChannelEngine-ApiKey X-Etsy-ApiKey accesstoken X-Otp Linear-Team X-Workspace X-Passwd X-Pwd
X-Pass X-UID Cookie2 X-Cookie X-Act-As X-Acting-As X-Run-As
X-Hmac X-WSSE Client-Cert X-SSL-Client-Cert X-Forwarded-Client-Cert
X-PAYPAL-SECURITY-USERID PayPal-Auth-Assertion X-Razorpay-Account X-MERCHANT-ID x-jws-signature
TPP-Signature-Certificate X-BAPI-API-KEY FTX-SUBACCOUNT bfx-apikey ACCESS-PASSPHRASE X-Subject-Token
X-Domain-Id X-User-Domain-Name X-Roles x-oss-security-token X-TC-Token x-ncp-iam-access-key
opc-obo-token x-ms-authorization-auxiliary X-Identity-Zone-Id X-Databricks-Org-Id X-Trino-Role
X-ClickHouse-User X-Viber-Auth-Token X-Slack-User D360-API-KEY Session-Key QB-Token onBehalfOf
X-com-zoho-invoice-organizationid X-Mailgun-On-Behalf-Of X-MSYS-SUBACCOUNT X-AnchorMailbox
X-OWA-ExplicitLogonUser Helicone-Auth x-portkey-virtual-key X-HF-Bill-To X-DashScope-WorkSpace
Modal-Secret X-Bce-Security-Token x-proxy-global-company-id X-SF-Token THANOS-TENANT AccountID
ProjectID X-EntityToken Ubi-SessionId X-Modio-Delegation-Token X-VTEX-API-AppToken
VtexIdclientAutCookie WM_SEC.ACCESS_TOKEN WM_PARTNER.ID X-Business Procore-Company-Id
x-myobapi-cftoken api-auth-id X-DocuSign-Act-As-User X-PW-UserEmail X-WX-OPENID X-SAP-LogonToken
X-MSTR-ProjectID Api-Appid ApiIntegrationCode ImpersonationResourceId iPlanetDirectoryPro
X-Hasura-Allowed-Roles X-Scopes X-Employee-Id X-Player-Id X-Profile-Id X-Seller-Id X-Access-Code
X-ARR-ClientCert SSL-CLIENT-S-DN X-Client-Certificate X-MSISDN X-Up-Calling-Line-Id OTCSTicket
""")
# Header fields that a rule might take for such, and that say nothing.
PUBLIC_FIELDS = listed("""
User-Agent Sec-Fetch-User Idempotency-Key Sec-WebSocket-Key X-Request-Id X-Correlation-ID
X-Trace-Id traceparent tracestate baggage X-B3-TraceId X-B3-SpanId X-Amzn-Trace-Id
X-Cloud-Trace-Context Request-Id X-Client-Request-Id X-MS-Client-Request-Id X-Line-Retry-Key
Accept
Accept-Language Accept-Encoding Accept-Charset Cache-Control Content-Type Content-Length
Content-Disposition Range If-None-Match If-Modified-Since If-Match Origin Referer
Upgrade-Insecure-Requests DNT Sec-Fetch-Site Sec-Fetch-Mode Sec-CH-UA Sec-CH-UA-Platform
X-Requested-With X-Client-Version X-App-Version X-GitHub-Api-Version Stripe-Version
Notion-Version anthropic-version X-Device-Type X-Timezone X-Locale X-Country X-Currency
X-Platform X-Forwarded-Proto X-Forwarded-Host Via Pragma TE Expect Priority Prefer Depth
Save-Data Signature-Input Accept-Signature X-CSRF-Token X-XSRF-TOKEN X-Design Author-Style
Keywords Surrogate-Key
X-Idempotency-Token x-fapi-interaction-id X-MC-Correlation-ID X-Client-Transaction-Id X-App-Trace-Id
X-Api-Correlation-Id
X-Account-Request-Id X-Apollo-Operation-Id X-GraphQL-Operation-Name x-goog-user-agent
X-Stripe-Client-User-Agent X-Goog-Api-Client apollographql-client-name X-Trino-Catalog
X-Store-Country X-Partner-Portal X-Company-Name X-Country-Code X-Page-Size X-Stainless-Retry-Count
""")
# Parameters of a URL.
PARAMETERS = listed("""
token access_token accessToken refresh_token id_token api_key apiKey apikey api-key app_key key
secret client_secret clientSecret password passwd pwd passphrase auth oauth_token
oauth_signature oauth_verifier sid session_id sessionid PHPSESSID jsessionid jwt sig signature
X-Amz-Signature X-Amz-Credential X-Amz-Security-Token X-Goog-Signature AWSAccessKeyId
private_token job_token subscription-key authToken auth_token user_token userToken
csrfless_token assertion client_assertion SAMLResponse code_verifier device_code
personal_access_token credential user[password] login[token] new_password
wstoken lgtoken lgpassword securitytoken userpasswd passhash passkey sesskey user[wresult]
a[b][wresult] deploy_key user_session_id token_id
otp_code mfa_code mfaCode mfa totp verification_code verificationCode sms_code security_code
recovery_code reset_code activation_code access_code auth_code pin_code login_code one_time_code
2fa_code invite_code passcode user_pass db_pass dbpass root_pw creds cvv cvc2 hdnea hdnts __gda__
masterkey sharedkey accesskeyid accessKeyId OSSAccessKeyId server_key devKey partnerKey write_key
connection_string api_hash crumb
magic magic_link magiclink magicLink magic_hash unlock_code unlockcode unlockCode unlock_key otc
onetimecode one_time_link logincode login_hash confirm_code activationcode resetkey reset_hash
recoverykey accesscode pincode door_code vcode verificationcode authcode securitycode smscode
signup_code entry_code pairing_code share_key stream_key webhook_key two_factor security_answer
""")
# Of those, what somebody is sent, and lets him in.
LETTING_IN = listed("""
login_token logintoken otp magic magic_link login_hash login_key auth_key activation_key
activationCode token_hash verification_code confirmation_code resetHash access_code unlock_link
invite_code oobCode email_token
""")
PUBLIC_PARAMETERS = listed("""
pageToken page_token next_token nextToken NextToken prev_token continuation_token
continuationToken cursor_token sync_token syncToken change_token token_type tokenType
session_year session_type sort_key sortKey keyword keywords author authors authority page next
prev limit offset cursor q query search lang locale from to since until sort order type year
month day id ids name title user username team org account tags category code state country
currency format fields include expand max_tokens min_token_count primary_key partition_key
object_key hotkey monkey passenger signal design assignee signed pinned ticket pin sign session
max_sign token_count session_start [1] user[team] x[0]passkey
country_code status_code postal_code zip_code promo_code area_code product_code codec barcode
boarding_pass low_pass bypass compass site_key public_key cookie_consent passage database
link links page_link permalink hashtag commit_hash postcode zipcode geocode keycode timecode
startingToken start_token since_token promo_code
$skiptoken resumptionToken deltaToken nextpagetoken paging_token keys tokens
""")


@pytest.mark.parametrize("name", FIELDS)
def test_a_field_says_who_is_asking_and_is_kept_in_no_store(name: str) -> None:
    for spelt in (name, name.lower(), name.upper()):
        assert names.field_says(spelt), spelt
        assert Redactor().headers([(spelt, "ann")]) == [(spelt, REDACTED)]
    keys = {
        Matching().create_key(Request("GET", "http://a.test/", headers=sent).prepare())
        for sent in ({name: "ann"}, {name: "bob"}, {})
    }
    assert len(keys) == 3


@pytest.mark.parametrize("name", PUBLIC_FIELDS)
def test_a_public_field_says_nothing(name: str) -> None:
    for spelt in (name, name.lower(), name.upper()):
        assert not names.field_says(spelt), spelt
    if not names.is_csrf(name):
        assert Redactor().headers([(name, "ann")]) == [(name, "ann")]


def test_there_are_sixty_of_each() -> None:
    kinds = (FIELDS, PUBLIC_FIELDS, PUBLIC_PARAMETERS)
    assert all(len(set(kind)) >= 60 for kind in kinds)


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_secret_parameter_is_hidden_and_compared(name: str) -> None:
    url = f"http://a.test/?{name}=s3cret-12345"
    assert Redactor().url(url) == f"http://a.test/?{name}={REDACTED}"
    assert_each_value_has_its_key(name)


@pytest.mark.parametrize("name", PUBLIC_PARAMETERS)
def test_a_public_parameter_is_visible_and_compared(name: str) -> None:
    url = f"http://a.test/?{name}=2"
    assert Redactor().url(url) == url
    assert not names.parameter_says(name, "2", {name.lower()})
    assert_each_value_has_its_key(name)


def assert_each_value_has_its_key(name: str) -> None:
    requests = [Request("GET", "http://a.test/", params={name: n}).prepare() for n in "123"]
    for matching in (Matching(), Matching(exact_query=True)):
        assert len({matching.create_key(request) for request in requests}) == 3


@pytest.mark.parametrize(
    ("name", "value", "beside", "says"),
    [
        ("code", "abc", "state", True),
        ("code", "DE", "page", False),
        ("ticket", "ST-12-abc", "page", True),
        ("ticket", "4711", "page", False),
        ("PHPSESSID", "abc", "page", True),
        ("user[passkey]", "abc", "page", True),
        ("X-CSRF-Token", "abc", "page", False),
    ],
)
def test_a_login_is_told_by_what_stands_beside(
    name: str, value: str, beside: str, says: bool
) -> None:
    assert names.parameter_says(name, value, {name, beside}) is says


@pytest.mark.parametrize(
    ("name", "value", "beside", "of_response", "is_doubtful"),
    [
        ("key", "abc", "page", True, True),
        ("key", "abc", "page", False, False),
        ("secret", "abc", "page", True, False),
        ("CODE", "123456789", "page", False, True),
        ("code", "1234567890", "page", False, False),
        ("code", "DE", "state", False, False),
    ],
)
def test_a_name_that_may_choose_a_page_is_doubtful(
    name: str, value: str, beside: str, of_response: bool, is_doubtful: bool
) -> None:
    assert names.doubtful_parameter(name, value, {beside}, of_response) is is_doubtful


@pytest.mark.parametrize("name", LETTING_IN)
def test_what_lets_somebody_in_by_a_link_says_who_is_asking(name: str) -> None:
    assert names.parameter_says(name, "x", {name.lower()})
    assert names.body_says(name)


def test_a_member_of_a_body_says_more_than_a_parameter() -> None:
    said = [names.body_says(name) for name in ("user", "appid", "page", "X-CSRF-Token")]
    assert said == [True, True, False, False]


def test_a_name_is_listed_or_renewed_however_it_is_written() -> None:
    assert names.is_listed("api-KEY")
    assert not names.is_listed("page")
    assert names.is_renewed("X-Amz-Signature")
    assert not names.is_renewed("token")


def test_each_name_stands_in_the_table_once() -> None:
    listed = [squash(name) for _, group in names._ROWS for name in group.split()]
    assert len(listed) == len(set(listed))


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("X-Shopify-Access-Token", "x shopify access token"),
        ("accessToken", "access token"),
        ("X-MBX-APIKEY", "x mbx api key"),
        ("sessionid", "session id"),
        ("password2", "password"),
        ("keyword", "keyword"),
        ("XMLHttpRequest", "xml http request"),
        ("wstoken", "ws token"),
        ("myaccesstoken", "my access token"),
        ("apitokenizer", "apitokenizer"),
        ("userSecrets", "user secret"),
    ],
)
def test_a_name_is_split_into_words(name: str, words: str) -> None:
    assert words_of(name) == words.split()


def test_a_long_name_is_split_in_no_time() -> None:
    assert words_of("a" * 1_000_000) == ["a" * 1_000_000]
    assert len(words_of("key" * 20 + "user")) == 21
    assert len(words_of("key" * 21 + "my")) == 1


PASSING = listed("""
AWSALB AWSALBCORS AWSELB ARRAffinity ARRAffinitySameSite BIGipServerpool_web __cflb SERVERID
INGRESSCOOKIE GCLB NSC_wtfsnt __cf_bm cf_clearance _abck ak_bmsc bm_sz incap_ses_1_2
visid_incap_99 nlbi_99 datadome _px3 _pxhd aws-waf-token TS01a2b3c4 _ga _ga_AB12 _gid _gat_UA-1
_gat_gtag_UA_12_3 _fbp _gcl_au __utma _pk_id.1.1fff _hjSessionUser_1 _clck __hstc hubspotutk _ym_uid
""")


@pytest.mark.parametrize("name", PASSING)
def test_a_cookie_of_a_balancer_a_guard_or_a_counter_passes_by(name: str) -> None:
    assert is_passing(name)
    assert not is_csrf_cookie(name)


@pytest.mark.parametrize("name", ["csrftoken", "XSRF-TOKEN", "_csrf", "_xsrf"])
def test_a_double_submit_cookie_is_known(name: str) -> None:
    assert is_csrf_cookie(name)
    assert not is_passing(name)


@pytest.mark.parametrize(
    "name",
    ["sid", "sessionid", "PHPSESSID", "JSESSIONID", "connect.sid", "ASP.NET_SessionId", "auth"]
    + ["laravel_session", "NSC_AAAC", "TSLA", "gauss", "_gather", "ajs_user_id"]
    + ["_ga_session", "_gat_login", "_hjx"],
)
def test_any_other_cookie_may_count(name: str) -> None:
    assert not is_passing(name)
    assert not is_csrf_cookie(name)


def test_each_group_of_cookies_names_its_source() -> None:
    import inspect

    from requests_cache._matching import cookie_names

    source = inspect.getsource(cookie_names)
    for table in cookie_names.known_cookies.values():
        for vendor in table:
            before = source[: source.index(f'"{vendor}":')].splitlines()[-2:]
            assert re.search(r"# https://|Spring Security", " ".join(before)), vendor
