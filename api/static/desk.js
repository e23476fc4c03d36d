// The desk: one page for a visit. It shows what the system says (a whole view at each change), lays over it what is not
// sent yet, and hands every act to the outbox. Which part of the screen is shown follows from the view alone, so a
// reload, a crash or another officer's work leads to the same place.

import { language, t } from "/static/texts.js";
import { el, newKey, vi } from "/static/desk_dom.js";
import { prepared } from "/static/desk_find.js";
import { Outbox } from "/static/desk_outbox.js";
import { listen } from "/static/desk_scan.js";
import { chooser } from "/static/desk_choose.js";
import { papersPart } from "/static/desk_papers.js";
import { sidePart } from "/static/desk_side.js";
import { workPart } from "/static/desk_work.js";

const start = JSON.parse(document.getElementById("start").textContent);
const root = document.getElementById("desk"), banner = document.getElementById("banner"), said = document.getElementById("said");
const tab = newKey();

/** Everything that the parts share. */
const desk = {
  start, tab,
  procedures: start.procedures.map(prepared),
  visit: null,          // { key, id?, procedure? } of the outbox
  view: null,           // what the system said last
  waiting: [],          // acts of this visit that are not answered
  hidden: new Set(),    // questions that were answered here a moment ago, or put off
  failed: [],
  person: null,
  offers: [],           // what the citizen's data store holds of what is missing
  printed: false,
  outbox: null,
  act, say, render, begin, open, leave, show, refresh,
};
let source = null, parts = null, stage = "";

const api = (path) => `/api/v1/desk/dossiers/{id}${path}`;

/** Hands an act of this visit to the outbox. */
async function act(kind, method, path, more = {}) {
  await desk.outbox.add({ visit: desk.visit.key, kind, method, path: api(path), ...more });
}

function say(text) {
  said.textContent = text;
}

/** A visit begins: its dossier exists from here on, whether or not the system knows it yet. */
async function begin(procedure) {
  const key = newKey();
  desk.visit = { key, procedure };
  Object.assign(desk, { view: null, failed: [], person: null, offers: [], printed: false });
  desk.hidden.clear();
  await desk.outbox.remember(desk.visit);
  history.replaceState(null, "", `/quay?luot=${key}`);
  await desk.outbox.add({ visit: key, kind: "begin", method: "PUT", path: `/api/v1/desk/visits/${key}`, json: { procedure } });
  await render();
}

/** Opens a dossier that the system knows. */
async function open(id, { take = false } = {}) {
  const known = (await desk.outbox.visits()).find((visit) => visit.id === id);
  desk.visit = known ?? { key: newKey(), id };
  Object.assign(desk, { view: null, failed: [], person: null, offers: [], printed: false });
  desk.hidden.clear();
  await desk.outbox.remember(desk.visit);
  history.replaceState(null, "", `/quay/${id}`);
  if (take) await act("take", "POST", "/take");
  follow();
  await render();
}

/** Back to choosing a procedure. */
async function leave() {
  if (desk.visit && !(await desk.outbox.waiting(desk.visit.key)).length) await desk.outbox.forget(desk.visit.key);
  if (desk.view?.citizen.shown) show(null);
  source?.close();
  source = null;
  Object.assign(desk, { visit: null, view: null, waiting: [], person: null, offers: [], printed: false, failed: [] });
  history.replaceState(null, "", "/quay");
  await render();
}

/** Follows the dossier: the whole view at each change. */
function follow() {
  source?.close();
  const id = desk.visit?.id;
  if (!id) return;
  source = new EventSource(`/api/v1/desk/dossiers/${id}/live?tab=${tab}`);
  source.addEventListener("view", (event) => {
    const view = JSON.parse(event.data);
    const before = desk.view;
    desk.view = view;
    // What the system asks again although it was answered here is shown again once the answer has been counted.
    if (!desk.waiting.some((one) => one.kind === "decide")) {
      for (const id of [...desk.hidden]) if (!id.startsWith("later:") && !view.questions.some((one) => one.id === id)) desk.hidden.delete(id);
    }
    if (view.id !== desk.visit.id) {
      desk.visit.id = view.id;
      history.replaceState(null, "", `/quay/${view.id}`);
    }
    if (desk.outbox.down) desk.outbox.send();
    else if (!desk.outbox.sending) network(true);
    if (!before || before.status !== view.status) refresh();
    render();
  });
  source.onerror = () => {
    network(false);
    const broken = source;
    // A stream that ended for good is opened anew; one that reconnects by itself is left to do so.
    if (broken?.readyState === EventSource.CLOSED) setTimeout(() => { if (source === broken) follow(); }, 2500);
  };
}

/** The card beside the papers, asked for anew when the papers have changed. */
async function refresh() {
  const id = desk.visit?.id;
  if (!id) return;
  const answer = await fetch(`/api/v1/desk/dossiers/${id}/card`).catch(() => null);
  if (!answer?.ok || desk.visit?.id !== id) return;
  const person = await answer.json();
  if (person.card) desk.person = person;
  render();
  await offered(id);
}

/** What the citizen's data store holds of papers that are missing: offered instead of a new scan. */
async function offered(id) {
  desk.offers = [];
  if (desk.view?.status !== "waits_for_person") return;
  const answer = await fetch(`/api/v1/dossiers/${id}/held`).catch(() => null);
  if (!answer?.ok || desk.visit?.id !== id) return;   // Nothing is held, or this officer may not look.
  desk.offers = (await answer.json()).offers.map((offer) => ({ ...offer, held: offer.held.filter((paper) => paper.usable) }))
    .filter((offer) => offer.held.length);
  render();
}

/** What the citizen's screen shows. */
async function show(id) {
  await fetch("/api/v1/desk/screen", {
    method: "PUT", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ dossier: id }),
  }).catch(() => null);
}

let reachable = true;
async function network(up) {
  const count = (await desk.outbox.waiting()).length;
  const wasDown = !reachable;
  reachable = up;
  document.documentElement.classList.toggle("offline", !up);
  if (!up) {
    banner.className = "banner down";
    banner.textContent = count ? t("desk.offline", { count }) : t("desk.offline_none");
    banner.hidden = false;
  } else if (wasDown && !count) {
    banner.className = "banner back";
    banner.textContent = t("desk.back");
    banner.hidden = false;
    setTimeout(() => { if (reachable) banner.hidden = true; }, 5000);
  }
}

const on = {
  async changed() {
    desk.waiting = desk.visit ? await desk.outbox.waiting(desk.visit.key) : [];
    if (desk.outbox?.down) network(false);
    render();
  },
  down: () => network(false),
  back: () => network(true),
  signedOut() {
    banner.className = "banner down";
    banner.replaceChildren(t("desk.signed_out"), " ", el("a", { href: "/dang-nhap", target: "_blank", rel: "noopener" }, t("desk.sign_in")));
    banner.hidden = false;
  },
  async done(one, body) {
    if (desk.visit?.key !== one.visit) return;
    if (one.kind === "begin" || one.kind === "start") {
      desk.visit = await desk.outbox.visit(one.visit);
      if (one.kind === "begin" || desk.view?.id !== body.id) history.replaceState(null, "", `/quay/${body.id}`);
      follow();
    }
    if (one.kind === "hand-out") parts?.work?.handedOut?.();
  },
  async failed(one, { title, remedy }) {
    const what = one.name ? `${one.name}: ` : "";
    desk.failed.push(what + t("desk.failed", { title, remedy }));
    say(desk.failed.at(-1));
    if (one.kind === "begin") desk.visit = null;
    if (one.kind === "decide") desk.hidden.clear();
  },
};

/** A card's code: compared by the system, kept by nobody here. */
async function scanned(text) {
  if (!desk.visit?.id) return say(t("desk.card.hint"));
  const answer = await fetch(`/api/v1/desk/dossiers/${desk.visit.id}/card`, {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ typed: text }),
  }).catch(() => null);
  if (!answer) return network(false);
  const body = await answer.json();
  if (answer.ok) desk.person = body;
  else say(t("desk.failed", { title: body.title, remedy: body.remedy }));
  desk.cardProblem = answer.ok ? "" : t("desk.failed", { title: body.title, remedy: body.remedy });
  render();
}

function steps(now) {
  const names = ["choose", "papers", "check", "slip"];
  return el("ol", { class: "steps", "aria-label": t("desk.steps") }, names.map((name, at) =>
    el("li", { class: at < names.indexOf(now) ? "done" : "", "aria-current": name === now ? "step" : null }, t(`desk.step.${name}`))));
}

/** Which part is shown follows from the view and from what is not sent yet. */
function stageOf() {
  if (!desk.visit) return "choose";
  if (!desk.view) return desk.waiting.some((one) => one.kind === "start") ? "check" : desk.visit.procedure !== undefined ? "papers" : "check";
  if (desk.view.draft) return desk.waiting.some((one) => one.kind === "start") ? "check" : "papers";
  return "check";
}

async function render() {
  const now = stageOf();
  const step = now === "check" && desk.view?.slip && !parts?.work?.open?.() ? "slip" : now;
  if (now !== stage || !parts) {
    stage = now;
    parts = { head: el("div", { class: "desk-head" }) };
    if (now === "choose") {
      parts.work = chooser(desk);
      root.replaceChildren(parts.head, parts.work.node);
    } else {
      parts.side = sidePart(desk);
      parts.work = now === "papers" ? papersPart(desk) : workPart(desk);
      root.replaceChildren(parts.head, el("div", { class: "desk-body" }, parts.work.node, parts.side.node));
    }
    root.removeAttribute("aria-busy");
    parts.work.focus?.();
  }
  const view = desk.view;
  const name = view?.procedure_name || desk.procedures.find((one) => one.procedure.code === desk.visit?.procedure)?.procedure.name;
  parts.head.replaceChildren(...[
    steps(step),
    desk.visit ? el("p", { class: "which" }, el("b", {}, name ? vi(name) : t("desk.no_procedure")),
      view ? el("span", { class: "dim" }, ` ${view.procedure ?? ""} · `, vi(view.nickname)) : null) : null,
    view?.others.length ? el("p", { class: "others", role: "status" }, t("desk.others", { names: view.others.join(", ") })) : null,
    desk.visit ? el("button", { class: "plain new-visit", type: "button", onclick: leave }, t("desk.new")) : null,
  ].filter(Boolean));
  parts.work.update?.();
  parts.side?.update?.();
}

async function boot() {
  desk.outbox = await Outbox.open(start.who, on);
  listen(document, scanned);
  const key = new URLSearchParams(location.search).get("luot");
  if (start.dossier) {
    await open(start.dossier);
  } else if (key && (await desk.outbox.visit(key))) {
    const visit = await desk.outbox.visit(key);
    desk.waiting = await desk.outbox.waiting(key);
    if (visit.id) await open(visit.id);
    else desk.visit = visit;
    say(t("desk.resumed"));
  } else {
    // A browser that was closed before everything was sent: the visit goes on where it was.
    const [left] = await desk.outbox.waiting();
    const visit = left && (await desk.outbox.visit(left.visit));
    if (visit) {
      if (visit.id) await open(visit.id);
      else desk.visit = visit;
      say(t("desk.resumed"));
    }
  }
  desk.waiting = desk.visit ? await desk.outbox.waiting(desk.visit.key) : [];
  await render();
  desk.outbox.send();
}

// Enter with the focus nowhere is the button in front.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target === document.body && !event.fromScanner) root.querySelector(".main:not(:disabled)")?.click();
});

document.documentElement.lang = language;
boot();
