"""The pages of coming in and going out: sign-in, sign-out here or everywhere, one's own account, the language.

Every sign-in begins a new session, so an id that somebody planted before is worth nothing. After an identity provider
the browser is sent on by a page of ours instead of a redirect: a cookie that never leaves this site is not sent along
where another site began the way.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from starlette.concurrency import run_in_threadpool

from api.access import cookies
from api.failures import failure_of
from api.i18n import COOKIE, LANGUAGES
from api.problems import ForeignOriginError, retry_header, status_of
from pipeline.access.errors import (
    PlainHttpError,
    SignInNeededError,
    TooManyRequestsError,
    WeakPasswordError,
    WrongPasswordError,
)
from pipeline.access.principal import Principal  # noqa: TC001 - FastAPI evaluates route annotations

if TYPE_CHECKING:
    from api.access.doorkeeper import Doorkeeper
    from api.access.gate import Gate
    from api.web import Web
    from pipeline.errors import HosoError

Word = Annotated[str, Form(max_length=1000)]
_YEAR = 365 * 24 * 3600


def entry_routes(keeper: Doorkeeper, gate: Gate, web: Web) -> APIRouter:
    """The routes of this module's pages."""
    router = APIRouter(include_in_schema=False)

    def sign_in_page(request: Request, back: str, error: HosoError | None = None, **more: Any) -> Response:
        failure = web.failure(request, failure_of(error)) if error else None
        status = status_of(failure) if failure else 200
        settings = keeper.settings
        values = {"back": back, "failure": failure, "login": ""} | more
        page = web.page(
            request, "sign_in.html", status, local=settings.local, provider=bool(settings.oidc.issuer), **values
        )
        page.headers.update(retry_header(error) | {"Cache-Control": "no-store"})
        return page

    @router.get("/dang-nhap")
    async def form(request: Request, ve: str = "/", _: Principal | None = gate.open()) -> Response:
        refuse_plain(request, keeper)
        return sign_in_page(request, inside(ve))

    @router.post("/dang-nhap")
    async def sign_in(
        request: Request, login: Word, password: Word, back: Word = "/", _: Principal | None = gate.open()
    ) -> Response:
        refuse_plain(request, keeper)
        refuse_foreign(request)
        address = request.client.host if request.client else ""
        try:
            account, secret = await run_in_threadpool(keeper.sign_in, login, password, address)
        except (WrongPasswordError, TooManyRequestsError) as error:
            request.state.who = None
            return sign_in_page(request, inside(back), error, login=login)
        await run_in_threadpool(end_here, keeper, request)
        answer = RedirectResponse("/tai-khoan" if account.must_change else inside(back), 303)
        cookies.give(request, answer, secret)
        return answer

    @router.get("/dang-nhap/oidc")
    async def to_provider(request: Request, ve: str = "/", _: Principal | None = gate.open()) -> Response:
        refuse_plain(request, keeper)
        away = await run_in_threadpool(keeper.provider().leave, redirect_of(request, keeper), inside(ve))
        answer = RedirectResponse(away.address, 303)
        # Comes back from the provider's site, so it cannot be a strict one; it opens nothing by itself.
        answer.set_cookie(
            cookies.AWAY, away.browser, max_age=600, path="/dang-nhap/oidc", httponly=True, samesite="lax",
            secure=cookies.is_https(request),
        )  # fmt: skip
        return answer

    @router.get("/dang-nhap/oidc/ve")
    async def from_provider(request: Request, _: Principal | None = gate.open()) -> Response:
        refuse_plain(request, keeper)

        def entered() -> tuple[str, str]:
            provider = keeper.provider()
            claims, token, back = provider.come_back(
                request.query_params, request.cookies.get(cookies.AWAY), redirect_of(request, keeper)
            )
            account = provider.account(keeper.people, claims)
            end_here(keeper, request)
            return keeper.enter(account, "oidc", token), back

        secret, back = await run_in_threadpool(entered)
        answer = web.page(request, "signed_in.html", back=back)
        answer.headers["Cache-Control"] = "no-store"
        answer.delete_cookie(cookies.AWAY, path="/dang-nhap/oidc")
        cookies.give(request, answer, secret)
        return answer

    def gone(request: Request, further: str | None) -> Response:
        # A form may not lead to another site (form-action), not even by a redirect: a page of ours sends on.
        answer: Response = RedirectResponse("/dang-nhap", 303)
        if further is not None:
            answer = web.page(request, "signed_in.html", back=further)
        cookies.take(request, answer)
        return answer

    @router.post("/dang-xuat")
    async def sign_out(request: Request, _: Principal = gate.first_password()) -> Response:
        return gone(request, await run_in_threadpool(end_here, keeper, request))

    @router.post("/dang-xuat-het")
    async def sign_out_everywhere(request: Request, who: Principal = gate.first_password()) -> Response:
        further = await run_in_threadpool(end_here, keeper, request)
        await run_in_threadpool(keeper.house.catalogue.access().end_sessions, who.id)
        return gone(request, further)

    def account_page(request: Request, who: Principal, said: str = "", status: int = 200) -> Response:
        account = keeper.house.catalogue.access().account(who.id)
        if account is None:
            raise SignInNeededError
        return web.page(
            request,
            "account.html",
            status,
            must_change=account.must_change,
            has_password=account.issuer is None,
            roles=[role.value for role in account.roles],
            least=keeper.settings.password_length,
            said=said,
        )

    @router.get("/tai-khoan")
    async def account(request: Request, who: Principal = gate.first_password()) -> Response:
        return await run_in_threadpool(account_page, request, who)

    @router.post("/tai-khoan/mat-khau")
    async def change(
        request: Request, current: Word, new: Word, again: Word, who: Principal = gate.first_password()
    ) -> Response:
        def changed() -> str:
            account = keeper.house.catalogue.access().account(who.id)
            if account is None:
                raise SignInNeededError
            keeper.rates.may_try(account.login, "")
            try:
                return keeper.sessions.begin(keeper.people.change_password(account, current, new))
            except WrongPasswordError:
                keeper.rates.failed(account.login, "")
                raise

        if new != again:
            return await run_in_threadpool(
                account_page, request, who, web.texts.say("access.differ", web.language(request)), 422
            )
        try:
            secret = await run_in_threadpool(changed)
        except (WrongPasswordError, WeakPasswordError, TooManyRequestsError) as error:
            failure = web.failure(request, failure_of(error))
            answer = await run_in_threadpool(
                account_page, request, who, f"{failure.title} {failure.remedy}", status_of(failure)
            )
            answer.headers.update(retry_header(error))
            return answer
        answer = RedirectResponse("/", 303)
        cookies.give(request, answer, secret)
        return answer

    @router.post("/ngon-ngu")
    async def language(
        request: Request, language: Word, back: Word = "/", _: Principal | None = gate.open()
    ) -> Response:
        answer = RedirectResponse(inside(back), 303)
        if language in LANGUAGES:
            secure = cookies.is_https(request)
            answer.set_cookie(COOKIE, language, max_age=_YEAR, path="/", secure=secure, samesite="lax")
        return answer

    @router.get("/texts/{language}.json")
    async def texts(language: str, _: Principal | None = gate.open()) -> Response:
        return words_of(web, language)

    return router


def words_of(web: Web, language: str) -> Response:
    """All words of a language as JSON, for scripts."""
    import json

    body = json.dumps(dict(web.texts.of(language)), ensure_ascii=False, separators=(",", ":"))
    return Response(body, media_type="application/json", headers={"Cache-Control": "private, max-age=300"})


def inside(back: str) -> str:
    """Where to go afterwards: a path of ours, never another site's address."""
    return back if re.fullmatch(r"/(?![/\\])[^\s\\]*", back) and len(back) <= 500 else "/"


def refuse_plain(request: Request, keeper: Doorkeeper) -> None:
    """Raises `PlainHttpError` where a password would cross a network in the clear."""
    local = request.url.hostname in cookies.LOOPBACK
    if not (cookies.is_https(request) or local or keeper.settings.plain_http):
        raise PlainHttpError


def refuse_foreign(request: Request) -> None:
    """Raises `ForeignOriginError`: nobody is signed in to an account by another site's page either."""
    if not cookies.from_here(request):
        raise ForeignOriginError


def redirect_of(request: Request, keeper: Doorkeeper) -> str:
    """Our address at which the provider sends people back."""
    return keeper.settings.oidc.redirect or str(request.base_url).rstrip("/") + "/dang-nhap/oidc/ve"


def end_here(keeper: Doorkeeper, request: Request) -> str | None:
    """Ends this browser's session, if there is one; where to go on at the identity provider, if it wants that."""
    secret = cookies.session_of(request)
    found = keeper.sessions.of(secret) if secret else None
    if secret is None or found is None:
        return None
    keeper.sessions.end(secret)
    if found[0].id_token is None or not keeper.settings.oidc.issuer:
        return None
    return keeper.provider().sign_out(found[0].id_token, str(request.base_url).rstrip("/") + "/dang-nhap")
