"""Pages: templates with the words of the visitor's language, who is signed in, and the navigation that they may use.

Every template gets `t(key, **values)` (words of `api/texts`), `language`, `who` (a `Principal` or None), `here` (the
path that was asked for), `navigation` and `agency`. Words are looked up in the language that the browser keeps in a
cookie, Vietnamese without one.
"""

from __future__ import annotations

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

    from api.i18n import Texts
    from pipeline.access.principal import Principal
    from pipeline.errors import HosoError


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

        def t(key: str, **named: object) -> str:
            return self.texts.say(key, language, **named)

        who: Principal | None = getattr(request.state, "who", None)
        shown: dict[str, object] = {
            "t": t,
            "language": language,
            "languages": LANGUAGES,
            "who": who,
            "here": request.url.path,
            "navigation": links_for(who),
            "agency": self._agencies.get(who.agency, who.agency) if who else self._agency,
        }
        return HTMLResponse(self._templates.get_template(name).render(shown | values), status)

    def error(self, request: Request, error: HosoError) -> HTMLResponse:
        """What went wrong, as a page with the status that the API would give."""
        failure = failure_of(error)
        answer = self.page(request, "error.html", status_of(failure), failure=failure)
        answer.headers.update(retry_header(error))
        return answer

    def language(self, request: Request) -> str:
        """What the visitor reads."""
        chosen = request.cookies.get(COOKIE, "")
        return chosen if chosen in LANGUAGES else LANGUAGES[0]
