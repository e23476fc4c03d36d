// What the grid of pages asks the server. Acts are sent one after another: each waits for the answer to the one before,
// and carries the revision that answer gave.

import { language, t } from "/static/texts.js";

const WATCH = 1500;

export class State {
  constructor(id) {
    this.id = id;
    this.view = null;
    this.focus = null;
    this.selected = new Set();
    this.picked = [];
    this.last = Promise.resolve();
    this.open = 0;
  }
}

const address = (state, path = "") => `/api/v1/dossiers/${state.id}/layout${path}`;

export const busy = (state) => state.open > 0;

/** Loads how the pages lie; gives words where that failed. */
export async function load(state) {
  try {
    const answer = await fetch(address(state));
    if (!answer.ok) return failure(await answer.json());
    state.view = await answer.json();
    return "";
  } catch {
    return t("pages.offline");
  }
}

// Problems come in Vietnamese with a remedy; their codes that have words here are said in the page's language.
function failure(problem) {
  const key = `pages.error_${problem.code}`;
  const known = t(key);
  if (known !== key) return known;
  return language === "vi" ? `${problem.title} ${problem.remedy}` : `${problem.title} (${problem.code})`;
}

function queued(state, work) {
  state.open += 1;
  const done = state.last.then(work).finally(() => {
    state.open -= 1;
  });
  state.last = done.catch(() => {});
  return done;
}

async function post(state, path, body) {
  try {
    const answer = await fetch(address(state, path), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ revision: state.view.revision, ...body }),
    });
    const said = await answer.json();
    if (answer.ok) {
      state.view = said.view ?? said;
      return "";
    }
    if (said.code === "pages_changed") return (await load(state)) || t("pages.conflict");
    return failure(said);
  } catch {
    return t("pages.offline");
  }
}

export const edit = (state, kind, pages, values = {}) => queued(state, () => post(state, "/edits", { kind, pages, ...values }));
export const undo = (state, event) => queued(state, () => post(state, "/undo", { event }));
export const move = (state, pages, target) => queued(state, () => post(state, "/moves", { pages, target: target || null }));

/** Asks now and then whether the machine, or somebody else, has something new. */
export function watch(state, changed) {
  setInterval(async () => {
    if (document.hidden || busy(state)) return;
    try {
      const answer = await fetch(address(state, "/state"));
      if (!answer.ok) return;
      const now = await answer.json();
      if (busy(state) || (now.revision === state.view.revision && now.status === state.view.status)) return;
      if (!(await load(state))) changed();
    } catch {
      // The next look will tell.
    }
  }, WATCH);
}
