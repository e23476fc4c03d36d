// The grid of a dossier's pages: choose with keys, mouse or finger, one key for each act, everything can be taken back.
// The server keeps every act at once and answers with how the pages lie now; acts are sent one after another, each with
// the revision it was made on. Single letters work while the grid (or the large picture) has the focus, and nowhere else.

import { busy, edit, load, move, State, undo, watch } from "/static/page_edits_net.js";
import { draw, focusPage, pageAt } from "/static/page_edits_view.js";
import { t } from "/static/texts.js";

const room = document.querySelector("#stack");
const grid = document.querySelector("#grid");
const preview = document.querySelector("#preview");
const state = new State(room.dataset.id);

function say(words) {
  document.querySelector("#say").textContent = words;
}

function trouble(words) {
  const place = document.querySelector("#trouble");
  place.textContent = words;
  place.hidden = !words;
}

const order = () => state.view.groups.flatMap((group) => group.pages);

function show() {
  const there = new Set(order());
  state.selected = new Set([...state.selected].filter((page) => there.has(page)));
  state.picked = state.picked.filter((page) => there.has(page));
  if (!there.has(state.focus)) state.focus = order()[0] ?? null;
  const had = grid.contains(document.activeElement);
  draw(state, { undo: (event) => send(undo(state, event)), show: (page) => send(edit(state, "show", [page])) });
  if (had) focusPage(state.focus);
  if (preview.open) large();
  room.dataset.state = state.view.working ? "working" : "ready";
  room.dataset.revision = state.view.revision;
}

function status() {
  if (state.picked.length) return say(t("pages.picked", { count: state.picked.length }));
  const parts = [];
  if (state.selected.size) parts.push(t("pages.selected", { count: state.selected.size }));
  parts.push(state.view.working ? t("pages.working") : t("pages.ready"));
  return say(parts.join(" · "));
}

function refusal() {
  if (!state.view.refused) return "";
  return t(state.view.refused === "pages_filed" ? "pages.filed" : "pages.not_ready");
}

async function send(work) {
  room.dataset.state = "sending";
  const failed = await work;
  show();
  trouble(failed || refusal());
  status();
}

const chosen = () => (state.selected.size ? order().filter((page) => state.selected.has(page)) : [state.focus]);
const groupOf = (page) => state.view.groups.find((group) => group.pages.includes(page));

function put(after) {
  const pages = state.picked.length ? state.picked : [];
  if (!pages.length) return say(t("pages.choose_first"));
  state.picked = [];
  if (pages.includes(state.focus)) return show();
  return send(edit(state, "order", pages, { beside: state.focus, after }));
}

function merge() {
  const pages = chosen();
  if (new Set(pages.map((page) => groupOf(page))).size > 1) return send(edit(state, "merge", pages));
  // One paper alone is put to the paper before it.
  const at = state.view.groups.indexOf(groupOf(pages[0]));
  const before = state.view.groups.slice(0, at).findLast((group) => group.paper);
  return before ? send(edit(state, "merge", [before.pages[0], pages[0]])) : say(t("pages.choose_first"));
}

function ask(name, done) {
  const dialog = document.querySelector(name);
  dialog.returnValue = "";
  dialog.onclose = () => {
    focusPage(state.focus);
    if (dialog.returnValue === "send") done();
  };
  dialog.showModal();
}

const acts = {
  left: () => send(edit(state, "turn", chosen(), { turns: 3 })),
  right: () => send(edit(state, "turn", chosen(), { turns: 1 })),
  split: () => send(edit(state, "split", chosen())),
  merge,
  hide: () => send(edit(state, "hide", chosen())),
  blank: () => send(edit(state, "blank", chosen(), { blank: !state.view.pages[chosen()[0]].blank })),
  cut() {
    state.picked = chosen();
    state.selected.clear();
    show();
    status();
  },
  before: () => put(false),
  after: () => put(true),
  type() {
    document.querySelector("#type").value = groupOf(chosen()[0]).type;
    ask("#types", () => send(edit(state, "type", chosen(), { type: document.querySelector("#type").value })));
  },
  move() {
    document.querySelector("#target").value = "";
    const pages = chosen();
    ask("#moves", () => send(move(state, pages, document.querySelector("#target").value.trim())));
  },
  preview() {
    large();
    preview.showModal();
  },
  undo() {
    const last = state.view.events.findLast((event) => !event.undone && event.kind !== "undo");
    if (last) send(undo(state, last.id));
  },
  help: () => ask("#keys", () => {}),
};

function act(name) {
  if (!state.view || (state.focus === null && name !== "undo")) return;
  if (state.view.refused && !["preview", "help"].includes(name)) {
    trouble(refusal());
    return;
  }
  acts[name]();
}

function large() {
  const page = state.view.pages[state.focus];
  const image = document.querySelector("#large");
  const source = `/api/v1/dossiers/${state.id}/layout/pages/${state.focus}/image`;
  if (image.getAttribute("src") !== source) image.src = source;
  image.className = page.turns ? `turned-${page.turns}` : "";
  image.alt = t("pages.page", { number: page.number });
  document.querySelector("#preview-title").textContent = `${t("pages.page", { number: page.number })} · ${groupOf(state.focus).title}`;
}

function go(step, extend) {
  const pages = order();
  const at = Math.min(Math.max(pages.indexOf(state.focus) + step, 0), pages.length - 1);
  if (extend) state.selected.add(state.focus).add(pages[at]);
  state.focus = pages[at];
  show();
  status();
  if (!preview.open) focusPage(state.focus);
}

function upOrDown(direction) {
  // The nearest page of another row: rows are as wide as the screen makes them.
  const boxes = order().map((page) => [page, pageAt(page).getBoundingClientRect()]);
  const here = boxes.find(([page]) => page === state.focus)[1];
  const rest = boxes.filter(([, box]) => (box.top - here.top) * direction > here.height / 2);
  const far = ([, box]) => Math.abs(box.top - here.top) * 10 + Math.abs(box.left - here.left);
  const next = rest.sort((a, b) => far(a) - far(b))[0];
  return next ? order().indexOf(next[0]) - order().indexOf(state.focus) : 0;
}

const KEYS = { l: "left", r: "right", s: "split", g: "merge", Delete: "hide", Backspace: "hide", b: "blank", x: "cut", v: "before",
  n: "after", t: "type", m: "move", Enter: "preview", z: "undo", F1: "help" };

function toggle(page) {
  if (!state.selected.delete(page)) state.selected.add(page);
  show();
  status();
}

function choose(page) {
  state.selected = new Set([page]);
  show();
  status();
}

grid.addEventListener("keydown", (event) => {
  const steps = { ArrowLeft: -1, ArrowRight: 1, Home: -1e6, End: 1e6 };
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.altKey || (event.metaKey && key !== "z")) return;
  if (event.ctrlKey && key === "a") {
    state.selected = new Set(order());
    show();
    status();
    focusPage(state.focus);
  } else if (event.ctrlKey && !["z", "x", "v"].includes(key)) return;
  else if (key in steps) go(steps[key], event.shiftKey);
  else if (key === "ArrowUp" || key === "ArrowDown") go(upOrDown(key === "ArrowUp" ? -1 : 1), event.shiftKey);
  else if (key === " ") {
    toggle(state.focus);
    focusPage(state.focus);
  } else if (key === "Escape") {
    state.picked = [];
    state.selected.clear();
    show();
    status();
    focusPage(state.focus);
  } else if (key in KEYS) act(KEYS[key]);
  else return;
  event.preventDefault();
});

preview.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (key === "arrowleft" || key === "arrowright") go(key === "arrowleft" ? -1 : 1, false);
  else if (key === "l" || key === "r") act(KEYS[key]);
  else return;
  event.preventDefault();
});
preview.addEventListener("close", () => focusPage(state.focus));

room.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.act) return act(button.dataset.act);
  if (button?.dataset.go) return go(Number(button.dataset.go), false);
  if (button && "close" in button.dataset) return preview.close();
  const option = event.target.closest("[data-page]");
  if (!option || !grid.contains(option)) return undefined;
  const page = Number(option.dataset.page);
  if (event.shiftKey) {
    const pages = order();
    const [from, to] = [pages.indexOf(state.focus), pages.indexOf(page)].sort((a, b) => a - b);
    pages.slice(from, to + 1).forEach((one) => state.selected.add(one));
    state.focus = page;
    show();
    status();
  } else {
    state.focus = page;
    // A finger has no Ctrl: each tap adds or takes away; a mouse chooses one page, or more with Ctrl.
    if (state.picked.length) show();
    else if (event.ctrlKey || event.metaKey || event.pointerType === "touch") toggle(page);
    else choose(page);
  }
  return focusPage(page);
});
grid.addEventListener("focusin", (event) => {
  // However the focus came there: keys act on the page that has it.
  const page = Number(event.target.closest("[data-page]")?.dataset.page);
  if (!page || page === state.focus) return;
  pageAt(state.focus).tabIndex = -1;
  pageAt(page).tabIndex = 0;
  state.focus = page;
});
grid.addEventListener("dblclick", (event) => {
  if (event.target.closest("[data-page]")) act("preview");
});

// Dragging does what X, V and N do.
let dragged = [];
const over = (event) => {
  const option = event.target.closest?.("[data-page]");
  if (!option || !dragged.length) return null;
  const box = option.getBoundingClientRect();
  return { option, after: event.clientX > box.left + box.width / 2 };
};
const unmark = () => grid.querySelectorAll(".drop-before, .drop-after").forEach((one) => one.classList.remove("drop-before", "drop-after"));
grid.addEventListener("dragstart", (event) => {
  const option = event.target.closest("[data-page]");
  if (!option || state.view.refused) return event.preventDefault();
  const page = Number(option.dataset.page);
  dragged = state.selected.has(page) ? order().filter((one) => state.selected.has(one)) : [page];
  event.dataTransfer.effectAllowed = "move";
  return event.dataTransfer.setData("text/plain", String(page));
});
grid.addEventListener("dragover", (event) => {
  const place = over(event);
  unmark();
  if (!place) return;
  event.preventDefault();
  place.option.classList.add(place.after ? "drop-after" : "drop-before");
});
grid.addEventListener("drop", (event) => {
  const place = over(event);
  unmark();
  if (!place) return;
  event.preventDefault();
  const beside = Number(place.option.dataset.page);
  const pages = dragged;
  dragged = [];
  if (!pages.includes(beside)) send(edit(state, "order", pages, { beside, after: place.after }));
});
grid.addEventListener("dragend", () => {
  dragged = [];
  unmark();
});

trouble(await load(state));
if (state.view) {
  show();
  trouble(refusal());
  status();
  watch(state, () => {
    if (busy(state)) return;
    show();
    trouble(refusal());
    status();
  });
}
