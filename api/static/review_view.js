// What the workbench shows: the strip with the doubtful word lit, the machine's reading, the clerk's field, candidates.
// Rendering an item takes no request. Everything that a machine or a paper says is put in as text, never as markup.

import { t } from "/static/texts.js";

const SVG = "http://www.w3.org/2000/svg";
const by = (id) => document.getElementById(id);

export const value = by("value");

function made(tag, text, className) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (className) element.className = className;
  return element;
}

/** Shows an item's part. `view` is "strip", "wide" or "page"; `picture(part, wide)` gives a decoded image. */
export function showItem(item, part, text, view, picture) {
  const now = item.parts[part];
  by("item").hidden = false;
  by("item").dataset.item = item.id;
  by("nothing").hidden = true;
  by("loading").hidden = true;
  by("label").lang = now ? "vi" : document.documentElement.lang;
  by("label").textContent = now ? now.label : t("review.kind_finding");
  by("where").textContent = now
    ? t("review.where", { paper: now.paper, page: now.picture?.page ?? item.page }) : item.procedure;
  showBecause(item, now);
  const message = by("message");
  message.hidden = !item.message;
  message.className = `message ${item.severity ?? ""}`;
  message.textContent = item.message ? `${t(`review.finding_${item.severity}`)}: ${item.message}` : "";
  showAsked(item);
  by("reading").parentElement.hidden = !now;
  value.parentElement.hidden = !now;
  if (now) {
    showReading(now);
    value.value = text ?? now.text;
    fit(now);
  }
  showFrame(item, part, view, picture);
  showCandidates(now, text ?? now?.text ?? "");
}

function showBecause(item, now) {
  const because = by("because");
  const code = item.reason ? `review.because_${item.reason}` : "";
  const words = code ? t(code) : "";
  const sure = now && item.target === "field" ? t("review.sure", { percent: Math.floor(now.probability * 100) }) : "";
  because.textContent = [words === code ? "" : words, sure].filter(Boolean).join(" · ");
}

function showAsked(item) {
  const asking = by("asking");
  asking.hidden = !item.asked;
  asking.replaceChildren();
  if (!item.asked) return;
  asking.append(made("p", t("review.asked_by", { who: item.asked.by, note: item.asked.note })));
  if (item.asked.answer) {
    asking.append(made("p", t("review.answered_by", { who: item.asked.answered_by, note: item.asked.answer })));
  }
}

/** The machine's reading with its doubtful syllables marked. */
function showReading(part) {
  const reading = by("reading");
  reading.replaceChildren();
  if (!part.text) {
    reading.append(made("span", t("review.nothing_read"), "dim"));
    return;
  }
  const spans = [...part.doubts].sort((a, b) => a.start - b.start);
  // Boxes count characters as Python does; letters outside the basic plane are none of ours.
  let at = 0;
  for (const span of spans) {
    reading.append(part.text.slice(at, span.start), made("mark", part.text.slice(span.start, span.end)));
    at = span.end;
  }
  reading.append(part.text.slice(at));
}

export function fit(part) {
  value.rows = part?.multiline ? Math.min(5, Math.max(2, value.value.split("\n").length)) : 1;
}

export function showCandidates(part, text) {
  const list = by("candidates");
  const all = part?.candidates ?? [];
  by("others").hidden = all.length === 0;
  list.replaceChildren(...all.map((one, at) => {
    const button = made("button", undefined, one.text === text ? "chosen" : "");
    button.type = "button";
    button.tabIndex = -1;
    button.dataset.candidate = at;
    const from = one.source ? t(`review.source_${one.source}`) : t(`review.from_${one.origin}`);
    button.append(made("b", one.text.replaceAll("\n", " / ")), " ", made("small", from));
    if (one.text === text) button.setAttribute("aria-current", "true");
    const line = document.createElement("li");
    line.append(button);
    return line;
  }));
}

function showFrame(item, part, view, picture) {
  const frame = by("frame");
  const parts = view === "page" ? [part] : item.parts.map((_, at) => at).filter((at) => item.parts[at].picture);
  frame.className = `frame view-${view}`;
  if (view === "page" || !parts.length) {
    frame.replaceChildren(item.page && view === "page" ? wholePage(item, item.parts[part]) : made("p", t("review.no_picture"), "dim"));
    return;
  }
  frame.replaceChildren(...parts.map((at) => strip(item, at, at === part, view === "wide", picture(at, view === "wide"))));
  // On a narrow screen the strip is wider than the frame: its middle, where the field is, comes into sight.
  frame.scrollLeft = (frame.scrollWidth - frame.clientWidth) / 2;
}

function strip(item, at, active, wide, image) {
  const part = item.parts[at];
  const box = wide ? part.picture.wide : part.picture.strip;
  image.alt = t("review.picture_of", { label: part.label, page: part.picture.page });
  const figure = made("figure", undefined, active && item.parts.length > 1 ? "active" : "");
  const holder = made("div", undefined, "strip");
  holder.style.aspectRatio = `${box[2] - box[0]} / ${box[3] - box[1]}`;
  holder.append(image, overlay(box, part.picture.field, part.picture.marks));
  figure.append(holder);
  if (item.parts.length > 1) figure.append(made("figcaption", `${part.paper}: ${part.text}`));
  return figure;
}

function overlay(box, field, marks) {
  const drawing = document.createElementNS(SVG, "svg");
  drawing.setAttribute("viewBox", `${box[0]} ${box[1]} ${box[2] - box[0]} ${box[3] - box[1]}`);
  drawing.setAttribute("preserveAspectRatio", "xMidYMid meet");
  drawing.setAttribute("aria-hidden", "true");
  const rect = ([x0, y0, x1, y1], kind, room) => {
    const drawn = document.createElementNS(SVG, "rect");
    const size = { x: x0 - room, y: y0 - room, width: x1 - x0 + 2 * room, height: y1 - y0 + 2 * room, class: kind };
    for (const [name, said] of Object.entries(size)) drawn.setAttribute(name, said);
    drawing.append(drawn);
  };
  rect(field, "place", 6);
  marks.forEach((mark) => rect(mark, "mark", 3));
  return drawing;
}

function wholePage(item, part) {
  const image = new Image();
  image.src = `/api/v1/dossiers/${item.dossier}/pages/${item.page}/image`;
  image.alt = t("review.page_of", { page: item.page });
  const holder = made("div", undefined, "whole");
  holder.append(image);
  if (part?.picture) {
    const { width, height, field, marks } = part.picture;
    holder.append(overlay([0, 0, width, height], field, marks));
    image.addEventListener("load", () => holder.querySelector("rect").scrollIntoView({ block: "center" }));
  }
  return holder;
}

export function showNothing(kind) {
  by("item").hidden = true;
  by("nothing").hidden = kind !== "nothing";
  by("loading").hidden = kind !== "loading";
}

export const say = (words) => { by("say").textContent = words; };

export function showTrouble(words, link) {
  const trouble = by("trouble");
  trouble.hidden = !words;
  trouble.replaceChildren(words ?? "");
  if (link) {
    const anchor = made("a", t("review.sign_in"));
    anchor.href = "/dang-nhap";
    anchor.target = "_blank";
    trouble.append(" ", anchor);
  }
}

function age(seconds) {
  if (seconds < 3600) return t("review.age_minutes", { count: Math.floor(seconds / 60) });
  if (seconds < 172_800) return t("review.age_hours", { count: Math.floor(seconds / 3600) });
  return t("review.age_days", { count: Math.floor(seconds / 86_400) });
}

/** Figures of the queue, and the kinds that wait as choices. */
export function showWaiting(rows, asked, chosen) {
  const count = rows.reduce((sum, row) => sum + row.count, 0);
  const oldest = Math.max(0, ...rows.map((row) => row.seconds));
  const said = [t("review.waiting", { count }), count ? t("review.oldest", { age: age(oldest) }) : ""];
  by("waiting").textContent = said.filter(Boolean).join(", ");
  by("asked").textContent = asked ? t("review.asked_waiting", { count: asked }) : "";
  const select = by("kind");
  const kinds = [...new Set([...rows.map((row) => row.kind), ...(chosen ? [chosen] : [])])].sort();
  const first = select.options[0];
  select.replaceChildren(first, ...kinds.map((kind) => {
    const option = made("option", t(`review.kind_${kind}`));
    option.value = kind;
    option.selected = kind === chosen;
    return option;
  }));
}

export function showDone(count) { by("done").textContent = t("review.done_today", { count }); }

export function showSaved(count) {
  by("saved").textContent = count ? t("review.sending", { count }) : t("review.all_sent");
}
