"""Cookies that say nothing of who is asking: data, each group with the documentation it is from.

Names are patterns, compared with case as cookies are (RFC 6265, section 4.1.1).
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_BALANCERS: Final = {
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
    "Elastic Load Balancing": r"AWSALB(?:CORS|TG|TGCORS|APP-\d)?|AWSELB(?:CORS)?",
    # https://cloud.google.com/load-balancing/docs/backend-service#generated_cookie_affinity
    "Google Cloud Load Balancing": r"GCLB|GCILB",
    # https://learn.microsoft.com/azure/app-service/configure-common
    "Azure App Service": r"ARRAffinity(?:SameSite)?",
    # https://learn.microsoft.com/azure/application-gateway/configuration-http-settings
    "Azure Application Gateway": r"ApplicationGatewayAffinity(?:CORS)?",
    # https://developers.cloudflare.com/fundamentals/reference/policies-compliances/cloudflare-cookies/
    "Cloudflare Load Balancing": r"__cflb",
    # https://my.f5.com/manage/s/article/K6917
    "F5 BIG-IP": r"BIGipServer.+",
    # https://docs.netscaler.com/en-us/citrix-adc/current-release/load-balancing.html
    "NetScaler": r"NSC_(?!AAA|TMA).+",
    # https://docs.haproxy.org/3.0/configuration.html#4.2-cookie
    "HAProxy": r"SERVERID",
    # https://kubernetes.github.io/ingress-nginx/examples/affinity/cookie/
    "ingress-nginx": r"INGRESSCOOKIE",
    # https://devcenter.heroku.com/articles/session-affinity
    "Heroku": r"heroku-session-affinity",
    # https://docs.digitalocean.com/products/networking/load-balancers/how-to/manage/
    "DigitalOcean": r"DO-LB",
    # https://techdocs.akamai.com/cloudlets/docs/app-load-balancer
    "Akamai": r"akalb_.+|AKA_A2",
}
_BOT_PROTECTION: Final = {
    # https://developers.cloudflare.com/fundamentals/reference/policies-compliances/cloudflare-cookies/
    "Cloudflare": r"__cf_bm|_?cf_clearance|__cfduid|_cfuvid|__cfruid|__cfseq|cf_chl_.+"
    r"|__cfwaitingroom",
    # https://techdocs.akamai.com/bot-manager/docs/bot-manager-cookies
    "Akamai": r"_abck|ak_bmsc|bm_(?:mi|s|so|ss|sv|sz|lso)",
    # https://docs.imperva.com/bundle/cloud-application-security/page/more/cookies.htm
    "Imperva": r"incap_(?:ses|sh)_.+|visid_incap_.+|nlbi_.+|reese84|___utmv[abcm].*",
    # https://docs.datadome.co/docs/cookie-session-storage
    "DataDome": r"datadome",
    # https://docs.humansecurity.com/applications-and-accounts/docs/cookies
    "HUMAN": r"_px[23]?|_pxhd|_pxvid|_pxde|_pxff_.+|pxcts",
    # https://docs.aws.amazon.com/waf/latest/developerguide/waf-tokens.html
    "AWS WAF": r"aws-waf-token",
    # https://my.f5.com/manage/s/article/K6850
    "F5 Advanced WAF": r"TS(?:PD_101|[0-9a-f]{6,}(?:_\w+)?)",
    # https://docs.kasada.io
    "Kasada": r"KP_UIDz(?:-ssn)?",
    # https://cloud.google.com/recaptcha/docs/faq
    "reCAPTCHA": r"_GRECAPTCHA",
}
_ANALYTICS: Final = {
    # https://developers.google.com/analytics/devguides/collection/ga4/cookies-user-id
    "Google Analytics": r"_ga(?:_[A-Z0-9]+)?|_gid|_gat(?:_gtag)?(?:_UA[-_].+)?|_dc_gtm_.+"
    r"|_gcl_(?:au|aw|dc|gb|gf|ha)|__utm[abctvz]|__utmmobile",
    # https://developers.facebook.com/docs/marketing-api/conversions-api/parameters/fbp-and-fbc
    "Meta": r"_fbp|_fbc",
    # https://matomo.org/faq/general/faq_146/
    "Matomo": r"_pk_(?:id|ses|ref|cvar|hsr|testcookie)(?:[._].+)?|mtm_(?:consent|cookie_consent)",
    # https://help.hotjar.com/hc/en-us/articles/6952777582999
    "Hotjar": r"_hj[A-Z]\w*",
    # https://learn.microsoft.com/clarity/setup-and-installation/cookie-list
    "Clarity": r"_clck|_clsk",
    # https://help.ads.microsoft.com/apex/index/3/en/53056
    "Microsoft Advertising": r"_uetsid|_uetvid|_uetmsclkid",
    # https://knowledge.hubspot.com/privacy-and-consent
    "HubSpot": r"__hstc|__hssc|__hssrc|hubspotutk",
    # https://experienceleague.adobe.com/docs/core-services/interface/ec-cookies/cookies-analytics.html
    "Adobe": r"s_(?:cc|sq|vi|fid|ppv|nr)|AMCVS?_.+",
    # https://docs.mixpanel.com/docs/tracking-methods/sdks/javascript
    "Mixpanel": r"mp_.+_mixpanel",
    # https://amplitude.com/docs/sdks/analytics/browser/cookies-and-consent-management
    "Amplitude": r"AMP_[0-9a-f]+|AMP_MKTG_.+|amplitude_id_.+",
    # https://segment.com/docs/connections/sources/catalog/libraries/website/javascript/
    "Segment": r"ajs_anonymous_id",
    # https://yandex.com/support/metrica/general/cookie-usage.html
    "Yandex Metrica": r"_ym_(?:uid|d|isad|visorc|debug|hostIndex|metrika_enabled)(?:_.+)?",
    # https://ads.tiktok.com/help/article/using-cookies-with-tiktok-pixel
    "TikTok": r"_ttp|_tt_enable_cookie",
    # https://help.quantcast.com
    "Quantcast": r"__qca",
    # https://support.heap.io/hc/en-us/articles/37271826019740
    "Heap": r"_hp[25]_.+",
    # https://docs.newrelic.com/docs/browser/
    "New Relic": r"NRBA_SESSION",
}
_DOUBLE_SUBMIT: Final = {
    # https://docs.djangoproject.com/en/stable/ref/settings/#csrf-cookie-name
    "Django": r"csrftoken",
    # https://angular.dev/best-practices/security#httpclient-xsrf-csrf-security
    # https://laravel.com/docs/csrf#csrf-x-xsrf-token; Spring Security, CookieCsrfTokenRepository
    "Angular, Laravel, Spring": r"XSRF-TOKEN",
    # https://www.tornadoweb.org/en/stable/guide/security.html#cross-site-request-forgery-protection
    "Tornado": r"_xsrf",
    # https://expressjs.com/en/resources/middleware/csurf.html
    "Express": r"_csrf",
    # https://learn.microsoft.com/aspnet/core/security/anti-request-forgery
    "ASP.NET": r"\.AspNetCore\.Antiforgery\..+|__RequestVerificationToken.*",
    # https://flask-jwt-extended.readthedocs.io/en/stable/options.html
    "Flask-JWT-Extended": r"csrf_(?:access|refresh)_token",
    # https://github.com/gorilla/csrf
    "gorilla/csrf": r"_gorilla_csrf",
    # https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html
    "OWASP": r"(?:__Host-|__Secure-)?(?:csrf|csrf[-_]token|CSRF-TOKEN)",
}
known_cookies: Final = {
    "load balancers": _BALANCERS,
    "bot protection": _BOT_PROTECTION,
    "analytics": _ANALYTICS,
    "double-submit CSRF": _DOUBLE_SUBMIT,
}
"""What the documentation of these says, by kind."""

_PASSING: Final = re.compile(
    "|".join(
        f"(?:{p})" for table in (_BALANCERS, _BOT_PROTECTION, _ANALYTICS) for p in table.values()
    )
)
_CSRF: Final = re.compile("|".join(f"(?:{pattern})" for pattern in _DOUBLE_SUBMIT.values()))
_REMEMBERED: Final = 1024


@lru_cache(_REMEMBERED)
def is_passing(name: str) -> bool:
    """Say whether a cookie is that of a load balancer, of bot protection or of analytics."""
    return _PASSING.fullmatch(name) is not None


@lru_cache(_REMEMBERED)
def is_csrf_cookie(name: str) -> bool:
    """Say whether a cookie only proves, sent twice, that a form is one's own."""
    return _CSRF.fullmatch(name) is not None
