"""Pages: templates with the words of the visitor's language, who is signed in, and the navigation that they may use.

Every template gets `t(key, **values)` (words of `api/texts`), `has(key)`, `language`, `who` (a `Principal` or None),
`here` (the path that was asked for), `navigation` and `agency`. Words are looked up in the language that the browser
keeps in a cookie, Vietnamese without one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi.responses import HTMLResponse

from api.failures import failure_of
from api.i18n import COOKIE, LANGUAGES
from api.navigation import links_for
from api.problems import retry_header, status_of
from api.template_words import page_environment

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from api.failures import Failure
    from api.i18n import Texts
    from pipeline.access.principal import Principal


class Web:
    """Makes pages. One for an app."""

    def __init__(self, texts: Texts, agencies: Mapping[str, str], agency: str) -> None:
        """`agencies` by code; `agency` is the name shown to whoever has not signed in."""
        self.texts = texts
        self._agencies = agencies
        self._agency = agency
        self._templates = page_environment()

    def page(self, request: Request, name: str, status: int = 200, **values: object) -> HTMLResponse:
        """A page from a template."""
        language = self.language(request)
        who: Principal | None = getattr(request.state, "who", None)

        def t(key: str, **named: object) -> str:
            return self.texts.say(key, language, **named)

        shown: dict[str, object] = {
            "t": t,
            "has": self.texts.has,
            "language": language,
            "languages": LANGUAGES,
            "who": who,
            "here": request.url.path,
            "navigation": links_for(who),
            "agency": self._agencies.get(who.agency, who.agency) if who else self._agency,
        }
        return HTMLResponse(self._templates.get_template(name).render(shown | values), status)

    def error(self, request: Request, error: Exception) -> HTMLResponse:
        """What went wrong, as a page with the status that the API would give."""
        failure = self.failure(request, failure_of(error))
        answer = self.page(request, "error.html", status_of(failure), failure=failure)
        answer.headers.update(retry_header(error))
        return answer

    def failure(self, request: Request, failure: Failure) -> Failure:
        """The same in the visitor's language, where the catalogue has an error's words; the Vietnamese are its own."""
        language = self.language(request)
        title, remedy = f"error.said.{failure.code}", f"error.do.{failure.code}"
        if language == LANGUAGES[0] or not (self.texts.has(title) and self.texts.has(remedy)):
            return failure
        return replace(failure, title=self.texts.say(title, language), remedy=self.texts.say(remedy, language))

    def language(self, request: Request) -> str:
        """What the visitor reads."""
        chosen = request.cookies.get(COOKIE, "")
        return chosen if chosen in LANGUAGES else LANGUAGES[0]
