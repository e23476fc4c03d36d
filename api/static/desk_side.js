// Beside the work: the checklist that turns as papers are recognised, who hands the dossier in, the citizen's screen.

import { t } from "/static/texts.js";
import { el, newKey, shown, vi } from "/static/desk_dom.js";

const SIGNS = {
  seen: "✓", present: "✓", substituted: "✓", awaited: "○", not_required: "–", cannot_tell: "?",
  missing: "✗", unreadable: "✗", expired: "✗", unsigned: "✗", unsealed: "✗", wrong_person: "✗",
};

export function sidePart(desk) {
  const checklist = el("div", {}), person = el("div", {}), screen = el("div", {});
  const note = el("span", { class: "dim" });
  let drawn = "";

  function drawChecklist() {
    const items = desk.view?.checklist ?? [];
    const main = items.filter((item) => item.required || !["awaited", "not_required"].includes(item.state));
    const rest = items.length - main.length;
    note.textContent = desk.view?.provisional ? t("desk.provisional") : "";
    checklist.replaceChildren(
      el("ul", { class: "checks" }, main.map((item) => el("li", { class: item.state },
        el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[item.state]),
        el("span", {}, vi(item.name), " ", el("span", { class: "dim" }, t(`desk.state.${item.state}`)),
          offerOf(item), item.reason && !["present", "not_required", "missing"].includes(item.state) ? el("span", { class: "dim" }, " · ", vi(item.reason)) : null)))),
      rest ? el("details", {}, el("summary", {}, t("desk.optional", { count: rest })),
        el("ul", { class: "checks" }, items.filter((item) => !main.includes(item)).map((item) =>
          el("li", { class: item.state }, el("span", { class: "sign", "aria-hidden": "true" }, SIGNS[item.state]),
            el("span", { lang: "vi" }, item.name, item.reason ? el("span", { class: "dim" }, ` ${item.reason}`) : null))))) : "");
  }

  /** A paper that the store holds already: one press lets it stand in. */
  function offerOf(item) {
    const offer = desk.offers.find((one) => one.component === item.component);
    const [paper] = offer?.held ?? [];
    if (!paper) return null;
    const day = paper.issued_on ? shown(paper.issued_on) : "";
    return el("span", { class: "offer" }, t("desk.kho.held", { title: paper.title, symbol: paper.symbol, day, name: offer.owner_name }), el("br"),
      el("button", { type: "button", class: "plain small", onclick: () => desk.outbox.add({ visit: desk.visit.key, kind: "decide",
        method: "POST", path: "/api/v1/dossiers/{id}/reuse", json: { component: item.component, paper: paper.paper } }) }, t("desk.kho.reuse")));
  }

  function use(one) {
    const decision = { kind: "value", document: one.document, key: one.key, value: one.card };
    desk.hidden.add(`${one.document}.${one.key}`);
    desk.act("decide", "POST", "/decisions", { json: { key: newKey(), decisions: [decision] } });
  }

  function drawPerson() {
    const { card, comparisons = [] } = desk.person ?? {};
    if (!card) {
      return person.replaceChildren(el("p", { class: "dim" }, t("desk.card.hint")),
        desk.cardProblem ? el("p", { class: "warn", role: "alert" }, desk.cardProblem) : "");
    }
    const same = comparisons.filter((one) => one.same).length, different = comparisons.filter((one) => !one.same);
    person.replaceChildren(...[
      el("p", { class: "who" }, el("b", {}, card.name ? vi(card.name) : t("desk.card.no_name")), el("br"),
        el("span", { class: "dim" }, `${card.number} · ${t("desk.card.born", { day: shown(card.born) })} · ${card.sex}`)),
      card.repaired ? el("p", { class: "warn" }, t("desk.card.repaired")) : null,
      same ? el("p", { class: "good" }, t("desk.card.same", { count: same })) : null,
      different.length ? el("p", { class: "bad" }, t("desk.card.different", { count: different.length })) : null,
      different.length ? el("ul", { class: "differences" }, different.map((one) => el("li", {},
        el("b", {}, vi(one.label)), el("br"), vi(`${shown(one.card)} `), el("span", { class: "dim" }, t("desk.card.on_card")), el("br"),
        vi(`${shown(one.paper) || "–"} `), el("span", { class: "dim" }, t("desk.card.on_paper", { paper: one.title })),
        one.sure || desk.view?.status !== "waits_for_person" ? null
          : el("button", { type: "button", class: "plain small", onclick: () => use(one) }, t("desk.card.use"))))) : null,
      desk.cardProblem ? el("p", { class: "warn", role: "alert" }, desk.cardProblem) : null,
    ].filter(Boolean));
  }

  async function openScreen() {
    const answer = await fetch("/api/v1/desk/screen", { method: "POST" }).catch(() => null);
    if (!answer?.ok) return desk.say(t("desk.offline_none"));
    window.open("/man-hinh", "hoso-man-hinh", "popup,width=1280,height=800");
    if (desk.visit?.id) await desk.show(desk.visit.id);
  }

  function drawScreen() {
    const citizen = desk.view?.citizen;
    const parts = [];
    if (citizen?.asked && citizen.shown) {
      parts.push(el("p", { class: citizen.right === citizen.asked ? "good" : "" },
        t("desk.screen.said", { right: citizen.right, asked: citizen.asked })));
    }
    if (citizen?.wrong.length) {
      parts.push(el("p", { class: "bad" }, t("desk.screen.wrong")), el("ul", { class: "differences" }, citizen.wrong.map((place) =>
        el("li", {}, el("b", {}, vi(place.label)), el("br"), vi(shown(place.value)), " ",
          el("button", { type: "button", class: "plain small", onclick: () => desk.look?.(place) }, t("desk.screen.look"))))));
    }
    parts.push(el("button", { type: "button", class: "plain", onclick: openScreen }, t("desk.screen.open")));
    if (citizen?.screen && desk.view) {
      parts.push(el("button", { type: "button", class: "plain", onclick: () => desk.show(citizen.shown ? null : desk.view.id) },
        t(citizen.shown ? "desk.screen.hide" : "desk.screen.show")));
    }
    screen.replaceChildren(...parts);
  }

  function update() {
    const now = JSON.stringify([desk.view?.checklist, desk.view?.provisional, desk.view?.citizen, desk.view?.status, desk.person, desk.cardProblem, desk.offers]);
    if (now === drawn) return;   // Buttons keep the focus while nothing here changed.
    drawn = now;
    drawChecklist();
    drawPerson();
    drawScreen();
  }

  const part = (id, heading, ...children) => el("section", { class: "card", "aria-labelledby": id }, el("h2", { id }, heading, " ", ...(id === "checks" ? [note] : [])), ...children);
  const node = el("aside", { class: "side" },
    el("div", { "aria-live": "polite" }, part("checks", t("desk.checklist"), checklist)),
    part("person", t("desk.person"), person), part("screen", t("desk.screen.section"), screen));
  return { node, update };
}
