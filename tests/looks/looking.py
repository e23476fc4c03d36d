"""How a page is looked at: what axe finds, what sticks out, what is in another language, whether the focus is seen.

Every judgement is a line of words; an empty list is a page without fault.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from axe_playwright_python.sync_playwright import Axe
from live import SIZES

from api.i18n import load_texts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from playwright.sync_api import ConsoleMessage, Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],
}
# Everything that is read or read out, outside of what is marked as Vietnamese.
_READ = """() => {
  const found = [], skip = (e) => !e || e.closest('[lang="vi"], script, style, noscript, template');
  const seen = (e) => e.checkVisibility({ checkOpacity: false, checkVisibilityCSS: true });
  const root = document.body, walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const text = node.data.trim();
    if (text && !skip(node.parentElement) && seen(node.parentElement)) found.push(text);
  }
  const told = [];
  for (const e of root.querySelectorAll('[aria-label], [title], [placeholder], [alt]'))
    if (!skip(e)) for (const name of ['aria-label', 'title', 'placeholder', 'alt']) {
      const text = (e.getAttribute(name) ?? '').trim();
      if (text) told.push(text);
    }
  return [found, told];
}"""
# What sticks out of the page sideways, and is not inside of something that scrolls by itself.
_WIDE = """() => {
  const wide = document.documentElement.clientWidth, found = [];
  if (document.documentElement.scrollWidth <= wide) return found;
  for (const e of document.body.querySelectorAll('*')) {
    const box = e.getBoundingClientRect();
    if (box.width && box.right > wide + 1) found.push(e.tagName + '.' + e.className + ' ' + Math.round(box.right));
  }
  return found.slice(0, 4).concat(['it overflows']);
}"""
# The focused element, or what is drawn for it, has an outline that is not there without focus.
_FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const lit = (x) => { const s = getComputedStyle(x);
    return s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2; };
  const near = [e, e.parentElement, e.previousElementSibling, e.closest('label')].filter(Boolean);
  const box = e.getBoundingClientRect();
  const away = box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth;
  const name = e.tagName + '#' + e.id + '.' + e.className;
  return { name, lit: near.some(lit), away, end: e.matches('[data-walked]') || (e.dataset.walked = '1', false) };
}"""
_MARKS = re.compile("[À-ÃÈ-ÊÌÍÒ-ÕÙÚÝà-ãè-êìíò-õùúýĂăĐđĨĩŨũƠơƯưẠ-ỹ]")


def _filled(sentences: Iterable[str]) -> re.Pattern[str]:
    """Sentences with whatever is put into them: a name in a sentence of ours is no word that was left behind."""
    kept = []
    for said in sentences:
        parts = re.split(r"\{\w+\}", said)
        if len(re.findall("[a-z]", "".join(parts))) > 3 or len(parts) == 1:
            kept.append(".+".join(re.escape(part) for part in parts))
    return re.compile("|".join(kept))


class Judge:
    """Looks at pages in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.found: list[str] = []
        self._axe = Axe()
        texts = load_texts()
        vietnamese = set(texts.of("vi").values())
        self._keys = set(texts.of("vi"))
        # Sentences only: a word may be the same by chance, or be part of a Vietnamese one.
        self._english = {said for said in texts.of("en").values() if said not in vietnamese and " " in said}
        self._vietnamese = {said for said in vietnamese if " " in said and "{" not in said} - set(
            texts.of("en").values()
        )
        self._filled = _filled(texts.of("en").values())

    def listen(self, page: Page) -> None:
        """Takes exceptions and refusals of the content policy as faults."""

        def heard(said: ConsoleMessage) -> None:
            if said.type == "error" and "Failed to load resource" not in said.text:
                self._fault(page.url, said.text)

        page.on("pageerror", lambda error: self._fault(page.url, str(error)))
        page.on("console", heard)

    def look(self, page: Page, name: str, *, ready: str = "") -> None:
        """At both sizes; `ready` is a selector that stands for a page whose script has done its work."""
        if ready:
            page.locator(ready).first.wait_for(state="attached")
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_timeout(120)
            where = f"{name} {self.language} {size}"
            if folder := os.environ.get("HOSO_SCREENSHOTS"):
                path = Path(folder) / f"{name}-{self.language}-{size}.png"
                page.screenshot(path=path, full_page=True)
            for one in self._axe.run(page, options=RULES).response["violations"]:
                nodes = "; ".join(str(node["html"])[:160] for node in one["nodes"][:3])
                self._fault(where, f"{one['id']}: {nodes}")
            for one in page.evaluate(_WIDE):
                self._fault(where, one)
        self._read(page, name)
        width, height = SIZES["desk"]
        page.set_viewport_size({"width": width, "height": height})

    def _read(self, page: Page, name: str) -> None:
        shown, told = page.evaluate(_READ)
        for text in told:
            # A name may stand inside of what is read out, where nothing can mark it.
            if self.language == "en" and text in self._vietnamese:
                self._fault(name, f"Vietnamese is read out on an English page: {text[:80]}")
        for text in shown + told:
            if text in self._keys:
                self._fault(name, f"a key without words: {text}")
        for text in shown:
            if self.language == "en" and _MARKS.search(text) and not self._filled.fullmatch(text):
                self._fault(name, f"Vietnamese on an English page: {text[:80]}")
            if self.language == "vi" and text in self._english:
                self._fault(name, f"English on a Vietnamese page: {text[:80]}")

    def tab_through(self, page: Page, name: str, keys: int = 30) -> None:
        """Each thing that the Tab key reaches shows that it has the focus, and can be seen."""
        for _ in range(keys):
            page.keyboard.press("Tab")
            state = page.evaluate(_FOCUS)
            if state is None or state["end"]:
                break
            if not state["lit"]:
                self._fault(name, f"no focus seen on {state['name']}")
            if state["away"]:
                self._fault(name, f"the focus is out of sight on {state['name']}")

    def _fault(self, where: str, what: str) -> None:
        said = f"{where} [{self.language}]: {what}"
        if said not in self.found:
            self.found.append(said)
