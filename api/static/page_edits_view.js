// Draws how the pages lie. A page's element is made once and moved about, so that no picture is loaded twice; pictures
// are loaded when they come near the screen.

import { el } from "/static/desk_dom.js";
import { language, t } from "/static/texts.js";

const made = new Map();

export const pageAt = (page) => made.get(page).node;

export function focusPage(page) {
  made.get(page)?.node.focus();
}

const picture = (state, page) => `/api/v1/dossiers/${state.id}/layout/pages/${page}/thumbnail`;

function makePage(state, page, info) {
  const image = info.picture ? el("img", { loading: "lazy", decoding: "async", draggable: "false", alt: "", src: picture(state, page) }) : null;
  const caption = el("span", { class: "stack-caption" });
  const node = el(
    "div",
    { class: "stack-page", role: "option", "data-page": page, draggable: "true", tabindex: "-1", "aria-selected": "false" },
    el("span", { class: "stack-picture", "aria-hidden": "true" }, image ?? t("pages.mark_none")),
    caption,
  );
  return { node, image, caption };
}

function marks(info) {
  const found = [];
  if (info.blank) found.push(t("pages.mark_blank"));
  if (info.unread) found.push(t("pages.mark_unread"));
  if (info.changed.length) found.push(t("pages.mark_changed"));
  if (info.origin) found.push(t("pages.mark_origin", { dossier: info.origin }));
  return found;
}

function refresh(state, page) {
  const info = state.view.pages[page];
  if (!made.has(page)) made.set(page, makePage(state, page, info));
  const { node, image, caption } = made.get(page);
  const name = t("pages.page", { number: info.number });
  const parts = [name, info.number === page ? "" : t("pages.scanned", { scanned: page })].filter(Boolean);
  const said = marks(info);
  caption.replaceChildren(
    el("b", {}, name),
    parts[1] ? el("span", { class: "dim" }, parts[1]) : "",
    said.length ? el("span", { class: "stack-marks" }, said.join(", ")) : "",
  );
  node.setAttribute("aria-label", [...parts, ...said].join(", "));
  node.setAttribute("aria-selected", String(state.selected.has(page)));
  node.tabIndex = page === state.focus ? 0 : -1;
  node.classList.toggle("picked", state.picked.includes(page));
  if (image) image.className = info.turns ? `turned-${info.turns}` : "";
  return node;
}

function heading(state, group) {
  if (!group.paper) return [t("pages.loose"), ""];
  const title = group.title || (state.view.working ? t("pages.recognising") : t("pages.unknown"));
  return [title, [t("pages.count", { count: group.pages.length }), group.by_person ? t("pages.by_person") : ""].filter(Boolean).join(" · ")];
}

function makeGroup(state, group) {
  const [title, beside] = heading(state, group);
  return el(
    "div",
    { class: group.paper ? "stack-group" : "stack-group loose", role: "group", "aria-label": title },
    el("p", { class: "stack-title", "aria-hidden": "true" }, el("span", { lang: group.title ? "vi" : null }, title), el("span", {}, beside)),
    el("div", { class: "stack-pages", role: "presentation" }, group.pages.map((page) => refresh(state, page))),
  );
}

function when(at) {
  return new Intl.DateTimeFormat(language, { dateStyle: "short", timeStyle: "short" }).format(new Date(at));
}

function makeAway(state, away, acts) {
  const image = state.view.pages[away.page].picture ? el("img", { loading: "lazy", alt: "", src: picture(state, away.page) }) : null;
  const label = t("pages.scanned", { scanned: away.page });
  return el(
    "li",
    {},
    image,
    el("span", {}, label, away.dossier ? ` · ${t("pages.moved_to", { dossier: away.dossier })}` : ""),
    away.state === "hidden" && !state.view.refused
      ? el("button", { type: "button", class: "button plain", "aria-label": `${t("pages.show")}: ${label}`, onclick: () => acts.show(away.page) }, t("pages.show"))
      : null,
  );
}

function makeEvent(state, event, acts) {
  const many = event.pages.length > 8;
  const pages = event.pages.slice(0, 8).join(", ") + (many ? "…" : "");
  const undoes = state.view.events.find((one) => one.id === event.undoes);
  const words = t(`pages.did_${event.kind}`, { pages, dossier: event.dossier ?? "" })
    + (undoes ? `: ${t(`pages.did_${undoes.kind}`, { pages: undoes.pages.slice(0, 8).join(", "), dossier: undoes.dossier ?? "" })}` : "");
  const back = event.kind === "undo" ? "pages.redo" : "pages.undo";
  return el(
    "li",
    { "data-event": event.id },
    el("span", { class: event.undone ? "undone" : null }, words),
    event.undone || state.view.refused
      ? el("span", { class: "dim" }, event.undone ? t("pages.undone") : "")
      : el("button", { type: "button", class: "button plain", "aria-label": `${t(back)}: ${words}`, onclick: () => acts.undo(event.id) }, t(back)),
    el("small", {}, t("pages.by", { who: event.who, at: when(event.at) })),
  );
}

export function draw(state, acts) {
  const { view } = state;
  const grid = document.querySelector("#grid");
  const top = document.scrollingElement.scrollTop;
  grid.replaceChildren(...view.groups.map((group) => makeGroup(state, group)));
  document.scrollingElement.scrollTop = top;
  const away = view.away.map((one) => makeAway(state, one, acts));
  document.querySelector("#away").replaceChildren(...(away.length ? away : [el("li", { class: "dim" }, t("pages.away_none"))]));
  const events = view.events.toReversed().map((event) => makeEvent(state, event, acts));
  document.querySelector("#history").replaceChildren(...(events.length ? events : [el("li", { class: "dim" }, t("pages.history_none"))]));
}
