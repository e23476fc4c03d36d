// Everything that was read, paper by paper: each value beside its own piece of the page. Pieces are cut by the browser
// from page pictures that it has anyway, when their paper is unfolded.

import { t } from "/static/texts.js";
import { crop, el, shown, vi } from "/static/desk_dom.js";

export function fieldsPart(desk) {
  const node = el("section", { class: "fields-part", "aria-label": t("desk.fields") });
  let drawn = "";

  function rows(paper) {
    return el("div", { class: "rows" }, paper.fields.map((place) => el("div", { class: `row-of ${place.status}` },
      el("span", { class: "label", lang: "vi" }, place.label),
      el("span", { class: "piece" }, crop(desk.view.id, desk.view.pages, place, { tall: 0.25, least: 6, wide: 0 }) ?? ""),
      el("span", { class: "value-of" }, shown(place.value) ? vi(shown(place.value)) : t(`desk.field.${place.status}`),
        place.status === "read" || place.status === "blank" ? null : el("span", { class: "dim" }, ` ${t(`desk.field.${place.status}`)}`)),
      desk.view.status === "waits_for_person" ? el("button", { type: "button", class: "plain small", onclick: () => desk.look(place),
        "aria-label": `${t("desk.screen.look")}: ${place.label}` }, "✎") : null)));
  }

  function update() {
    const papers = desk.view?.provisional ? [] : desk.view?.papers ?? [];
    const now = JSON.stringify([papers, desk.view?.status]);
    if (now === drawn) return;
    drawn = now;
    const unfolded = new Set([...node.querySelectorAll("details[open]")].map((one) => one.dataset.paper));
    node.replaceChildren(...papers.map((paper) => {
      const details = el("details", { class: "card paper", "data-paper": paper.id, open: unfolded.has(paper.id) },
        el("summary", {}, el("b", {}, vi(paper.title)), el("span", { class: "dim" },
          ` ${t("desk.page", { number: paper.pages.join(", ") })} · ${t("desk.fields.count", { count: paper.fields.length })}`)));
      const fill = () => { if (details.open && details.children.length < 2) details.append(rows(paper)); };
      details.addEventListener("toggle", fill);
      fill();
      return details;
    }));
  }

  return { node, update };
}
