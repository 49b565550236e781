"""Sites as there are many: public pages with cookies of every kind, logins of every kind."""

from __future__ import annotations

from typing import Any

from web import Call, Says, Site, serial

__all__ = ["Accounts", "App", "Onward", "Public", "SignOn"]


def fresh(prefix: str) -> str:
    return f"{prefix}{next(serial)}"


class Public(Site):
    """Public pages; it knows a Bearer, an `api_key` and a cookie that was set by hand.

    Args:
        kind: of its cookies: none, visitor, rotating, secure, balancer, csrf, lang or flash.
        fields: header fields of each answer.
    """

    def __init__(self, kind: str = "none", **fields: Any) -> None:
        self.kind, self.fields, self.count = kind, fields, 0

    def who(self, call: Call) -> str | None:
        fields = [value for name, value in call.headers.items() if name.startswith("x-user")]
        named = call.user or call.query.get("api_key") or call.cookies.get("hand")
        return named or (fields[0] if fields else None)

    def says(self, call: Call) -> Says:
        self.count += 1
        sent = call.cookies
        kinds: dict[str, dict[str, str | None]] = {
            "rotating": {"t": fresh("t")},
            "secure": {"secure": fresh("t")},
            "balancer": {"AWSALB": fresh("b")},
            "visitor": {} if "v" in sent else {"v": fresh("v")},
            "csrf": {} if "csrftoken" in sent else {"csrftoken": fresh("c")},
            "lang": {} if "lang" in sent else {"lang": "de", "t": fresh("t")},
            "flash": {"flash": None if self.count % 2 else "1"},
        }
        text = f"de {call.path} {call.query} {call.data}"
        return Says(text, new=kinds.get(self.kind, {}), who=self.who(call), **self.fields)


class Accounts(Site):
    """A site with logins.

    Args:
        renew: whether a login gives a new session id.
        slide: whether each answer does.
        private: whether its answers say so.
        form: what its login form has in it: nothing, a token of the "session" or of "csrf".
        home: where a login by POST leads to.
        forget: whether a logout deletes the cookie.
    """

    def __init__(
        self,
        *,
        renew: bool = True,
        slide: bool = False,
        private: bool = False,
        form: str = "",
        home: str | None = None,
        forget: bool = False,
    ) -> None:
        self.renew, self.slide, self.private = renew, slide, private
        self.form, self.home, self.forget = form, home, forget
        self.users: dict[str | None, str | None] = {}

    def who(self, call: Call) -> str | None:
        if call.path.startswith(("/login", "/logout", "/magic", "/cb")):
            return None
        return call.user or self.users.get(call.cookies.get("sid"))

    def says(self, call: Call) -> Says:
        new: dict[str, str | None] = {}
        sid = call.cookies.get("sid")
        if sid is None and self.form != "csrf":
            sid = new["sid"] = fresh("s")
        if self.form == "csrf" and "csrftoken" not in call.cookies:
            new["csrftoken"] = fresh("c")
        if call.path == "/logout":
            self.users.pop(sid, None)
            new.update({"sid": None} if self.forget else {})
            return Says("bye", new=new)
        token = self.token(call, new, sid)
        is_form = call.method == "POST" and call.path == "/login" and self.form
        if is_form and call.data.get("token") != token:
            return Says("bad token", 403, new)
        sid = self.enter(self.named(call), sid, new)
        if self.slide:
            old, sid = sid, fresh("s")
            new["sid"], self.users[sid] = sid, self.users.get(old)
        if call.method == "GET" and call.path == "/login" and self.form:
            field = f'<input type="hidden" name="token" value="{token}">'
            return Says(f'<form>{field}<input type="password" name="p">', new=new)
        return self.page(call, sid, new)

    def token(self, call: Call, new: dict[str, str | None], sid: str | None) -> str:
        if self.form == "csrf":
            return str(call.cookies.get("csrftoken") or new["csrftoken"])
        return str(sid)[::-1]

    def named(self, call: Call) -> str | None:
        """Give who logs in, if somebody does."""
        if call.method != "GET" and call.path == "/login":
            return call.data.get("user") or call.data.get("u") or _named_in(call.body)
        for name in ("code", "ticket", "token"):
            if name in call.query and call.method == "GET":
                return call.query[name].split("-")[-1]
        return call.path[7:] if call.path.startswith("/magic/") else call.user

    def enter(self, name: str | None, sid: str | None, new: dict[str, str | None]) -> str | None:
        if name and name != self.users.get(sid):
            if self.renew:
                sid = new["sid"] = fresh("s")
            self.users[sid] = name
        return sid

    def page(self, call: Call, sid: str | None, new: dict[str, str | None]) -> Says:
        is_entry = call.path.startswith(("/login", "/magic", "/cb"))
        to = self.home if call.method == "POST" or call.path == "/cb" else None
        who = None if is_entry else self.users.get(sid)
        fields: dict[str, Any] = {"Cache_Control": "private, max-age=600"} if self.private else {}
        return Says(f"page {call.path}", new=new, who=who, to=to, **fields)


def _named_in(body: str) -> str | None:
    return next((name for name in ("alice", "bob", "carol") if name in body), None)


class App(Accounts):
    """An application behind a single sign-on."""

    def says(self, call: Call) -> Says:
        if call.path == "/" and not self.users.get(call.cookies.get("sid")):
            return Says(status=302, to=f"idp.test/authorize?app={call.host}")
        return super().says(call)


class SignOn(Accounts):
    """The single sign-on."""

    def who(self, call: Call) -> str | None:
        return None

    def says(self, call: Call) -> Says:
        says = super().says(call)
        user = self.users.get(says.new.get("sid") or call.cookies.get("sid"))
        if call.path in ("/authorize", "/login") and user:
            app = call.query.get("app") or call.data.get("app")
            says.to = f"{app}/cb?code={fresh('k')}-{user}&state=x"
        says.who = None
        return says


class Onward(Site):
    """A site that leads on to another one."""

    def __init__(self, to: str) -> None:
        self.to = to

    def who(self, call: Call) -> str | None:
        return call.user

    def says(self, call: Call) -> Says:
        new: dict[str, str | None] = {} if "h" in call.cookies else {"h": fresh("h")}
        return Says(to=self.to, new=new, who=call.user)
