// The beginning of a visit: a procedure by a few letters, or a dossier that the scanner brought or that is unfinished.
// A combobox as ARIA describes it: the field keeps the focus, arrows move through the list, Enter takes.

import { t } from "/static/texts.js";
import { el, vi } from "/static/desk_dom.js";
import { search } from "/static/desk_find.js";

const AGAIN = 4000;   // ms between two looks for what came from the scanner
const clock = new Intl.DateTimeFormat("vi-VN", { timeZone: "Asia/Ho_Chi_Minh", hour: "2-digit", minute: "2-digit", day: "2-digit", month: "2-digit" });

export function chooser(desk) {
  let found = [], at = 0, timer = 0;
  const list = el("ul", { id: "found", class: "found", role: "listbox", "aria-label": t("desk.find.label") });
  const count = el("p", { class: "dim", role: "status", "aria-live": "polite" });
  const field = el("input", {
    id: "find", type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", "aria-autocomplete": "list",
    "aria-expanded": "true", "aria-controls": "found", "aria-describedby": "find-hint",
  });

  const take = (procedure) => desk.begin(procedure ? procedure.code : null);
  const mark = (place, scroll = true) => {
    at = Math.max(0, Math.min(found.length - 1, place));
    [...list.children].forEach((item, index) => item.setAttribute("aria-selected", String(index === at)));
    field.setAttribute("aria-activedescendant", found.length ? `found-${at}` : "");
    if (scroll) list.children[at]?.scrollIntoView({ block: "nearest" });
  };
  const look = () => {
    found = search(desk.procedures, field.value);
    list.replaceChildren(...found.map((procedure, index) =>
      el("li", { id: `found-${index}`, role: "option", "aria-selected": "false",
        onmousedown: (event) => { event.preventDefault(); take(procedure); } },
        el("span", { class: "name", lang: "vi" }, procedure.name),
        el("span", { class: "dim" }, procedure.code, procedure.used ? ` · ${t("desk.find.used", { count: procedure.used })}` : ""))));
    count.textContent = found.length ? t("desk.find.count", { count: found.length }) : t("desk.find.none");
    mark(0, false);
    list.scrollTop = 0;
  };
  field.addEventListener("input", look);
  field.addEventListener("keydown", (event) => {
    if (event.fromScanner) return;
    const move = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    if (move) {
      event.preventDefault();
      mark(at + move);
    } else if (event.key === "Enter" && found.length && !event.isComposing) {
      event.preventDefault();
      take(found[at]);
    }
  });

  const arrivals = el("ul", { class: "queue" }), unfinished = el("ul", { class: "queue" });
  const rows = (dossiers, empty, words, take) => dossiers.length
    ? dossiers.map((one) => el("li", {},
      el("span", {}, el("b", {}, one.procedure_name ? vi(one.procedure_name) : t("desk.no_procedure")),
        el("span", { class: "dim" }, ` ${clock.format(new Date(one.received_at))} · ${t("common.pages", { count: one.page_count })}`)),
      el("button", { class: "plain", type: "button", onclick: () => desk.open(one.id, { take }),
        "aria-label": `${words}: ${one.procedure_name || t("desk.no_procedure")}, ${one.id}` }, words)))
    : [el("li", { class: "dim" }, empty)];
  const ask = async () => {
    clearTimeout(timer);
    const answer = await fetch("/api/v1/desk/dossiers").catch(() => null);
    if (!node.isConnected && timer) return;
    if (answer?.ok) {
      const waiting = await answer.json();
      arrivals.replaceChildren(...rows(waiting.arrivals, t("desk.arrivals_none"), t("desk.take"), true));
      unfinished.replaceChildren(...rows(waiting.unfinished, t("desk.unfinished_none"), t("desk.open"), false));
    }
    timer = setTimeout(ask, AGAIN);
  };

  const node = el("div", { class: "choose" },
    el("section", { class: "card" },
      el("label", { for: "find", class: "big" }, t("desk.find.label")), field,
      el("p", { id: "find-hint", class: "dim" }, t("desk.find.hint")), count, list,
      el("button", { class: "plain", type: "button", onclick: () => take(null) }, t("desk.find.unknown"))),
    el("div", {},
      el("section", { class: "card", "aria-labelledby": "arrivals" }, el("h2", { id: "arrivals" }, t("desk.arrivals")), arrivals),
      el("section", { class: "card", "aria-labelledby": "unfinished" }, el("h2", { id: "unfinished" }, t("desk.unfinished")), unfinished)));
  look();
  ask();
  return { node, focus: () => field.focus() };
}
