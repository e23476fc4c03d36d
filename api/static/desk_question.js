// One thing to settle: a conflict of two papers side by side, a doubtful field, or a warning. Enter says yes to what the
// field holds; digits choose between papers; F2 unreadable, F4 blank, Escape later. No key leaves the page.

import { t } from "/static/texts.js";
import { crop, el, meant, shown, vi } from "/static/desk_dom.js";
import { attach } from "/static/typing.js";

const ALONE = 90;   // ms after which a key was pressed by itself

const typing = () => localStorage.getItem("typing") ?? "off";

const button = (words, key, click, main = false) =>
  el("button", { type: "button", class: main ? "main" : "plain", onclick: click }, words, key ? el("kbd", {}, key) : null);

function head(question, { number, count }) {
  return el("div", { class: "question-head" }, el("h2", {}, t(`desk.question.${question.kind}`)),
    count > 1 ? el("span", { class: "dim" }, t("desk.question.of", { number, count })) : null);
}

const values = (place, value) => ({ kind: "value", document: place.document, key: place.key, value });
const confirm = (place) => ({ kind: "confirm", document: place.document, key: place.key });

function fieldCard(desk, question, ways) {
  const [place] = question.places;
  const same = shown(place.value);
  const field = el("input", { id: "value", class: "value", type: "text", value: same, autocomplete: "off", spellcheck: "false" });
  attach(field, typing);
  const save = () => {
    const text = field.value.trim();
    if (!text) return ways.answer(question, [{ kind: "blank", document: place.document, key: place.key }]);
    ways.answer(question, [text === same && place.value !== null ? confirm(place) : values(place, meant(text, place.value))]);
  };
  const unreadable = () => ways.answer(question, [{ kind: "unreadable", document: place.document, key: place.key }]);
  const blank = () => ways.answer(question, [{ kind: "blank", document: place.document, key: place.key }]);
  const choice = el("select", { id: "typing", onchange: (event) => localStorage.setItem("typing", event.target.value) },
    [["off", t("desk.typing.off")], ["telex", "Telex"], ["vni", "VNI"]].map(([value, words]) =>
      el("option", { value, selected: value === typing() }, words)));
  const node = el("div", { class: "question" }, head(question, ways),
    el("p", { class: "place" }, el("b", {}, vi(place.label)), el("span", { class: "dim" }, " ", vi(place.paper), ` · ${t("desk.page", { number: place.page })}`)),
    el("div", { class: "evidence" }, crop(desk.view.id, desk.view.pages, place) ?? ""),
    el("label", { for: "value" }, t("desk.question.value"), " ",
      el("span", { class: "dim" }, place.value === null ? t("desk.question.nothing") : t("desk.probability", { percent: Math.min(99, Math.floor(place.probability * 100)) }))),
    el("div", { class: "row" }, field, el("label", { for: "typing", class: "dim" }, t("desk.typing")), choice),
    el("div", { class: "bar" }, button(t("desk.question.save"), "Enter", save, true), button(t("desk.question.unreadable"), "F2", unreadable),
      button(t("desk.question.blank"), "F4", blank), button(t("desk.question.later"), "Esc", () => ways.later(question))));
  keys(node, { Enter: (event) => { if (event.target === field) { save(); return true; } return false; }, F2: unreadable, F4: blank, Escape: () => ways.later(question) });
  queueMicrotask(() => field.select());
  return { node, focus: field };
}

/** Accepts what may be accepted; the rest is left to the slip. */
const accept = (question, ways) => question.findings.length
  ? ways.answer(question, question.findings.map((finding) => ({ kind: "accept_finding", finding }))) : ways.later(question);

function conflictCard(desk, question, ways) {
  const places = question.places;
  const choose = (right) => ways.answer(question, places.flatMap((place) =>
    place === right || shown(place.value) === shown(right.value) ? [confirm(place)] : [values(place, right.value)]));
  const both = () => accept(question, ways);
  const heading = head(question, ways);
  // Neither side has the focus: Enter must not choose for somebody who has not looked.
  heading.tabIndex = -1;
  const node = el("div", { class: "question" }, heading, el("p", { lang: "vi" }, question.message),
    el("div", { class: "sides" }, places.map((place, index) => el("div", { class: "side-by" },
      el("p", {}, el("b", {}, vi(place.paper)), el("span", { class: "dim" }, " ", vi(place.label), ` · ${t("desk.page", { number: place.page })}`)),
      el("div", { class: "evidence" }, crop(desk.view.id, desk.view.pages, place) ?? ""),
      el("p", { class: "reading-of" }, shown(place.value) ? vi(shown(place.value)) : t("desk.question.nothing")),
      button(t("desk.question.this"), String(index + 1), () => choose(place))))),
    el("div", { class: "bar" },
      button(question.findings.length ? t("desk.question.both") : t("desk.question.to_slip"), String(places.length + 1), both),
      button(t("desk.question.later"), "Esc", () => ways.later(question))));
  const actions = { Escape: () => ways.later(question), [places.length + 1]: both };
  places.forEach((place, index) => { actions[index + 1] = () => choose(place); });
  keys(node, actions);
  return { node, focus: heading };
}

function findingCard(desk, question, ways) {
  const mild = question.findings.length > 0;
  const first = button(mild ? t("desk.question.accept") : t("desk.question.to_slip"), "Enter", () => accept(question, ways), true);
  const node = el("div", { class: "question" }, head(question, ways), el("p", { class: "message", lang: "vi" }, question.message),
    question.places.map((place) => el("div", { class: "evidence" }, crop(desk.view.id, desk.view.pages, place) ?? "")),
    el("div", { class: "bar" }, first, mild ? button(t("desk.question.later"), "Esc", () => ways.later(question)) : null));
  keys(node, { Escape: () => ways.later(question) });
  return { node, focus: first };
}

/**
 * Keys of a card, wherever on the page the focus is; an action that returns false leaves the key to the browser. They
 * end with the card. A scanner presses none of them, and a page picture that is open keeps its own.
 */
function keys(node, actions) {
  let waiting = 0;
  document.addEventListener("keydown", function pressed(event) {
    clearTimeout(waiting);
    if (!node.isConnected) return document.removeEventListener("keydown", pressed);
    if (event.fromScanner || event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
    const action = actions[event.key];
    if (!action || event.defaultPrevented || document.querySelector("dialog[open]")) return;
    if (event.key.length === 1 && event.target.matches("input, select, textarea")) return;
    if (event.key.length === 1) {
      // A card's code begins with digits, too: a digit counts once no other key came right behind it.
      waiting = setTimeout(() => { if (node.isConnected) action(event); }, ALONE);
      event.preventDefault();
    } else if (action(event) !== false) event.preventDefault();
  });
}

export function questionCard(desk, question, ways) {
  return { conflict: conflictCard, field: fieldCard, finding: findingCard }[question.kind](desk, question, ways);
}
