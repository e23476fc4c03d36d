// The workbench: one item at a time, the keyboard alone. Every key of the loop is caught here, so that none reaches the
// browser: a clerk who works fast must never leave the page. A dialog takes the keys while it is open. The time from an
// act to the next field on the screen is kept as `review.next` among the page's performance measures.

import { t } from "/static/texts.js";
import { attach } from "/static/typing.js";
import { ask, Drafts, Offline, Outbox } from "./review_net.js";
import { Items } from "./review_items.js";
import * as view from "./review_view.js";

const root = document.getElementById("review");
const by = (id) => document.getElementById(id);
const field = view.value;
const VIEWS = ["strip", "wide", "page"];
const KEYS = {
  Enter: "accept", ArrowDown: "cycle", ArrowUp: "cycleBack", F1: "help", F2: "unreadable", F4: "ask", F8: "blank",
  F9: "view", F10: "reply", PageUp: "undo", PageDown: "skip", Escape: "reset",
};
const MODIFIERS = new Set(["Shift", "Control", "Alt", "Meta", "CapsLock", "AltGraph"]);
const SAID = {
  accept: "said_accepted", correct: "said_corrected", unreadable: "said_unreadable", blank: "said_blank",
  ask: "said_asked", skip: "said_skipped",
};

const drafts = new Drafts(root.dataset.clerk);
let desk = { part: 0, view: "strip", keys: 0, since: 0, before: 0, lit: 0 };
let done = 0;
let undoable = [];

const outbox = new Outbox(root.dataset.clerk, heard, () => view.showSaved(outbox.waiting.length), trouble);
const items = new Items(Number(root.dataset.ahead), () => outbox.items, told, trouble, lost);
const part = () => items.current?.parts[desk.part];

/** Puts the first item on the screen; `began` is when the key was pressed that asked for it. */
function show(began) {
  const item = items.current;
  if (!item) {
    view.showNothing(items.taking ? "loading" : "nothing");
    return;
  }
  const typing = drafts.of(item) ?? item.typing;
  desk = { part: typing?.part ?? 0, view: "strip", keys: typing?.keys ?? 0, before: typing?.ms ?? 0, since: 0, lit: 0 };
  render(typing?.text);
  if (by("reply")) by("reply").hidden = !(item.asked && !item.asked.answer);
  if (!document.querySelector("dialog[open]")) focusField(typing ? "end" : "doubt");
  requestAnimationFrame(() => setTimeout(() => {
    desk.since = performance.now();
    if (began !== undefined) performance.measure("review.next", { start: began, end: desk.since });
  }));
}

function render(text) {
  const item = items.current;
  view.showItem(item, desk.part, text, desk.view, (at, wide) => items.picture(item, at, wide));
}

function focusField(where) {
  const target = part() ? field : by("frame");
  target.focus({ preventScroll: desk.view === "strip" });
  if (!part()) return;
  const doubt = part().doubts[desk.lit];
  const at = where === "doubt" && doubt ? doubt.end : field.value.length;
  field.setSelectionRange(at, at);
}

const spent = () => Math.round(desk.before + (desk.since ? performance.now() - desk.since : 0));

function act(verdict, more, began) {
  const item = items.current;
  if (!item) return;
  const said = { item: item.id, revision: item.revision, verdict, part: desk.part, ms: spent(), keys: desk.keys, ...more };
  drafts.drop(item.id);
  outbox.put(said);
  undoable.push(item);
  undoable = undoable.slice(-50);
  done += verdict === "skip" || verdict === "ask" ? 0 : 1;
  view.showDone(done);
  view.say(t(`review.${SAID[verdict]}`));
  items.next();
  show(began);
  if (!items.current) waitForMore(began);
}

async function waitForMore(began) {
  await outbox.send();
  await items.fill();
  show(items.current ? began : undefined);
}

const ACTS = {
  accept(began) {
    const item = items.current, now = part();
    if (!item) return;
    const text = field.value.trim();
    if (item.target === "finding" && (!now || text === now.text.trim())) { act("accept", {}, began); return; }
    if (text === now.text.trim() && (text || now.status === "doubtful")) { act("accept", {}, began); return; }
    if (!text) { view.say(t("review.say_empty")); return; }
    if (!valid(now.kind, text)) { view.say(t("review.say_date")); return; }
    act("correct", { text: field.value.normalize("NFC") }, began);
  },
  cycle() { candidate(1); },
  cycleBack() { candidate(-1); },
  unreadable() {
    if (items.current?.target === "finding") { view.say(t("review.say_finding")); return; }
    if (items.current) by("whys").showModal();
  },
  ask() { if (items.current) openNote("ask"); },
  reply() { if (items.current?.asked && root.dataset.leads === "yes") openNote("reply"); },
  blank(began) {
    if (items.current?.target === "finding") { view.say(t("review.say_finding")); return; }
    act("blank", {}, began);
  },
  view() {
    if (!items.current) return;
    desk.view = VIEWS[(VIEWS.indexOf(desk.view) + 1) % VIEWS.length];
    render(field.value);
    focusField("end");
  },
  skip(began) { act("skip", {}, began); },
  help() { by("keys").showModal(); },
  reset() {
    const now = part();
    if (now && field.value !== now.text) {
      field.value = now.text;
      typed();
      focusField("doubt");
    } else {
      document.querySelector(".actions button").focus();
      view.say(t("review.leave"));
    }
  },
  undo,
};

async function undo(began) {
  const last = undoable.at(-1);
  const held = last && await outbox.takeBack();
  if (held && held.item === last.id) {
    undoable.pop();
    done -= ["skip", "ask"].includes(held.verdict) ? 0 : 1;
    items.front({ ...last, typing: held.verdict === "correct" ? { text: held.text, part: held.part, ms: 0, keys: 0 } : null });
  } else {
    await outbox.send();
    try {
      items.front(await ask("POST", "/undo"));
      undoable.pop();
      done = Math.max(0, done - 1);
    } catch (error) {
      view.say(t(error instanceof Offline ? "review.undo_offline" : "review.nothing_to_undo"));
      return;
    }
  }
  view.showDone(done);
  view.say(t("review.said_undone"));
  show(began);
}

/** Whether a text can be a date, where one is wanted: the server knows the calendar, this catches slips at once. */
function valid(kind, text) {
  if (kind !== "date") return true;
  return /^\d{8}$/.test(text) || /^\D*\d{1,2}\D+\d{1,2}\D+\d{4}$/.test(text);
}

function candidate(step) {
  const now = part();
  if (!now) return;
  const all = [now.text, ...now.candidates.map((one) => one.text)];
  const at = all.indexOf(field.value);
  field.value = all[(Math.max(at, 0) + step + all.length) % all.length];
  typed();
  focusField("end");
}

function openNote(kind) {
  by("asks").dataset.kind = kind;
  by("asks-title").textContent = t(`review.${kind}_title`);
  by("note-label").textContent = t(`review.${kind}_note`);
  by("note").value = "";
  by("asks").showModal();
  by("note").focus();
}

async function sendNote() {
  const text = by("note").value.trim();
  if (!text) return;
  by("asks").close();
  if (by("asks").dataset.kind === "ask") { act("ask", { text }, performance.now()); return; }
  const item = items.current;
  try {
    await ask("POST", "/reply", { item: item.id, text });
    view.say(t("review.said_replied"));
    items.next();
    show(performance.now());
    if (!items.current) waitForMore();
  } catch (error) { trouble(error); }
}

function typed() {
  const item = items.current;
  if (!item) return;
  view.showCandidates(part(), field.value);
  view.fit(part());
  const typing = { text: field.value, part: desk.part, ms: spent(), keys: desk.keys };
  item.typing = typing;
  drafts.put({ item: item.id, revision: item.revision, typing });
}

/** Tab goes to the next doubtful syllable, or to the next value of a finding; never out of the page. */
function tab(back) {
  const item = items.current, now = part();
  if (!item || !now) return;
  if (item.parts.length > 1) {
    desk.part = (desk.part + (back ? item.parts.length - 1 : 1)) % item.parts.length;
    desk.lit = 0;
    render();
    focusField("doubt");
    return;
  }
  const ends = [...field.value.matchAll(/\S+/g)].map((found) => found.index + found[0].length);
  const wanted = field.value === now.text && now.doubts.length > 1 ? now.doubts.map((span) => span.end) : ends;
  if (!wanted.length) return;
  const sorted = [...wanted].sort((a, b) => a - b), caret = field.selectionStart;
  const next = back ? sorted.findLast((end) => end < caret) ?? sorted.at(-1) : sorted.find((end) => end > caret) ?? sorted[0];
  field.setSelectionRange(next, next);
}

function heard(sent, outcome) {
  if (!outcome || ["taken_in", "same"].includes(outcome.result)) return;
  view.say(t(outcome.message || "review.told_gone"));
  undoable = undoable.filter((item) => item.id !== sent.item);
  if (outcome.result === "refused") {
    // The item is still ours: it comes back with what was typed.
    items.fill();
  }
}

function told(said) {
  view.showWaiting(said.waiting, said.asked, by("kind").value);
  for (const one of said.told) view.say(t("review.told_taken_back", { dossier: one.dossier, label: one.label }));
}

/** The item on the screen was settled elsewhere, or its dossier changed. */
function lost() {
  view.say(t("review.told_gone"));
  items.fill();
  show();
}

function trouble(error) {
  if (error === null) { view.showTrouble(null); return; }
  if (error instanceof Offline) {
    view.showTrouble(items.current ? t("review.offline", { count: outbox.waiting.length }) : t("review.offline_empty"));
    clearTimeout(trouble.timer);
    trouble.timer = setTimeout(() => fillAgain(), 3000);
  } else if (error.status === 401) {
    view.showTrouble(t("review.session_over"), true);
    clearTimeout(trouble.timer);
    trouble.timer = setTimeout(() => fillAgain(), 5000);
  }
}

async function fillAgain() {
  const had = items.current;
  await items.fill();
  if (!had && items.current) show();
}

function choose(wish) {
  view.showNothing("loading");
  return items.restart(wish).then(() => show());
}

function wished() {
  const lane = by("lane").value;
  return { lane: lane === "" ? null : Number(lane), kind: by("kind").value || null, asked: by("source")?.value === "asked" };
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const dialog = document.querySelector("dialog[open]");
  if (dialog) { keyInDialog(event, dialog); return; }
  const inField = event.target === field || event.target === document.body || event.target === by("frame");
  const plain = !event.ctrlKey && !event.altKey && !event.metaKey;
  const name = plain && !(event.key === "Enter" && event.shiftKey) ? KEYS[event.key] : undefined;
  const functional = /^F\d+$|^Page/.test(event.key);
  if (!MODIFIERS.has(event.key)) desk.keys += 1;
  if (plain && event.key === "Tab" && event.target === field) {
    event.preventDefault();
    tab(event.shiftKey);
  } else if (name && (inField || functional)) {
    event.preventDefault();
    ACTS[name](event.timeStamp);
  } else if (plain && event.key === "Backspace" && event.target === document.body) {
    event.preventDefault();
  }
});

function keyInDialog(event, dialog) {
  if (/^F\d+$|^Page/.test(event.key)) { event.preventDefault(); return; }
  if (dialog.id === "whys" && /^[1-9]$/.test(event.key)) {
    const chosen = dialog.querySelectorAll("[data-why]")[Number(event.key) - 1];
    if (chosen) { event.preventDefault(); desk.keys += 1; unreadableFor(chosen.dataset.why, event.timeStamp); }
  } else if (dialog.id === "asks" && event.key === "Enter" && !event.shiftKey) {
    event.preventDefault();
    sendNote();
  }
}

function unreadableFor(why, began) {
  by("whys").close();
  act("unreadable", { why }, began);
}

root.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button?.dataset.act) { ACTS[button.dataset.act](event.timeStamp); }
  if (button?.dataset.why) unreadableFor(button.dataset.why, event.timeStamp);
  if (button?.dataset.candidate) {
    field.value = part().candidates[Number(button.dataset.candidate)].text;
    typed();
    focusField("end");
  }
  if (button?.id === "send") sendNote();
});
for (const dialog of document.querySelectorAll("dialog")) dialog.addEventListener("close", () => focusField("end"));
for (const id of ["lane", "kind", "source"]) by(id)?.addEventListener("change", () => choose(wished()));
field.addEventListener("input", typed);
for (const [id, kept] of [["typing", "hoso.typing"], ["tones", "hoso.tones"]]) {
  const choice = by(id);
  choice.value = localStorage.getItem(kept) ?? choice.options[0].value;
  choice.addEventListener("change", () => { localStorage.setItem(kept, choice.value); focusField("end"); });
}
attach(field, () => by("typing").value, () => by("tones").value === "late");
addEventListener("online", () => fillAgain());
setInterval(() => { if (!items.current) fillAgain(); }, 4000);

view.showDone(0);
await outbox.open();
await drafts.open(outbox.database);
await items.fill();
show();
root.dataset.state = "ready";
