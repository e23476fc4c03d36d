// The citizen's screen: each line of the request, right or not right. It shows what the officer shows, as it changes; the
// answer of a line is kept on the screen until the system shows it back, so that a press is never lost.

import { t } from "/static/texts.js";
import { el } from "/static/desk_dom.js";

const items = document.getElementById("items"), lead = document.getElementById("lead"), all = document.getElementById("all");
const title = document.getElementById("title");
let drawn = "", pending = new Map();

const place = (item) => `${item.document} ${item.key} ${item.shown}`;

async function answer(list, said) {
  for (const item of list) pending.set(place(item), said);
  draw(last, true);
  const answers = list.map(({ document, key, shown }) => ({ document, key, shown, answer: said }));
  for (;;) {
    const response = await fetch("/man-hinh/answers", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ answers }),
    }).catch(() => null);
    if (response && response.status < 500) return;
    await new Promise((resolve) => setTimeout(resolve, 1500));
  }
}

let last = { procedure: "", items: [] };
function draw(view, force = false) {
  last = view;
  const now = JSON.stringify(view);
  if (now === drawn && !force) return;
  drawn = now;
  const focused = document.activeElement?.dataset?.at;
  const said = (item) => pending.get(place(item)) ?? item.answer;
  for (const item of view.items) if (item.answer === pending.get(place(item))) pending.delete(place(item));
  title.textContent = view.procedure || t("desk.screen.title");
  lead.textContent = view.items.length ? t("desk.screen.lead") : t("desk.screen.waiting");
  const open = view.items.filter((item) => !said(item));
  const way = (item, answerIs, words, label, kind) => el("button", { type: "button", class: kind, "data-at": `${place(item)} ${answerIs}`,
    "aria-pressed": String(said(item) === answerIs), "aria-label": t(label, { label: item.label }), onclick: () => answer([item], answerIs) }, words);
  items.replaceChildren(
    ...(open.length ? [el("button", { type: "button", class: "everything", "data-at": "all", onclick: () => answer(open, "right") }, t("desk.screen.all"))] : []),
    ...view.items.map((item) => el("div", { class: `ask ${said(item)}` },
      el("div", {}, el("span", { class: "label", lang: "vi" }, item.label), el("span", { class: "value", lang: "vi" }, item.value)),
      el("div", { class: "ways" }, way(item, "right", t("desk.screen.right"), "desk.screen.right_of", "yes"),
        way(item, "wrong", t("desk.screen.not_right"), "desk.screen.wrong_of", "no")))));
  all.hidden = !view.items.length || open.length > 0;
  all.textContent = all.hidden ? "" : t("desk.screen.thanks");
  if (focused) [...items.querySelectorAll("button")].find((button) => button.dataset.at === focused)?.focus();
}

function follow() {
  const source = new EventSource("/man-hinh/live");
  source.addEventListener("view", (event) => draw(JSON.parse(event.data)));
  source.addEventListener("closed", () => {
    source.close();
    pending = new Map();
    draw({ procedure: "", items: [] });
    lead.textContent = t("desk.screen.closed");
  });
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(follow, 2500); };
}

follow();
