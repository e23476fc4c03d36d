// Small tools for building pages: elements with their attributes, pieces of page pictures, values as people write them.
// Text is always set as text; nothing here ever takes markup from data.

import { t } from "/static/texts.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element: el("p", { class: "dim" }, "text", child). A null child is left out; on… are listeners. */
export function el(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** Words that are Vietnamese in every language: names, values, what a paper says. */
export const vi = (text) => el("span", { lang: "vi" }, text);

function filled(node, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const svg = (name, attributes, ...children) => filled(document.createElementNS(SVG, name), attributes, children);

/** A field's value for people: ISO dates the Vietnamese way, lists on one line. */
export function shown(value) {
  if (value === null || value === undefined) return "";
  if (value === true) return t("desk.yes");
  if (value === false) return t("desk.no");
  if (Array.isArray(value)) return value.join(" / ");
  const day = /^(\d{4})-(\d{2})-(\d{2})$/.exec(String(value));
  return day ? `${day[3]}/${day[2]}/${day[1]}` : String(value);
}

/** What a person typed, as the kind of value that the field has. */
export function meant(text, current) {
  const clean = text.normalize("NFC").trim();
  if (Array.isArray(current)) return clean.split(/\s\/\s|\n/).map((part) => part.trim()).filter(Boolean);
  if (typeof current === "boolean") return ["có", "yes", "true", "1", "co"].includes(clean.toLowerCase());
  if (typeof current === "number" && /^\d+$/.test(clean)) return Number(clean);
  const day = /^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})$/.exec(clean);
  return day ? `${day[3]}-${day[2].padStart(2, "0")}-${day[1].padStart(2, "0")}` : clean;
}

export const pageImage = (dossier, number) => `/api/v1/desk/dossiers/${dossier}/pages/${number}/image`;

/** The piece of a page on which a place stands, with some paper round it: the page's own picture, cut by SVG. */
export function crop(dossier, pages, place, { tall = 0.8, least = 14, wide = 0.55 } = {}) {
  const page = pages.find((one) => one.number === place.page);
  if (!place.box || !page) return null;
  const [x0, y0, x1, y1] = place.box;
  const margin = Math.max(least, (y1 - y0) * tall);
  // A short word is not blown up until nobody knows where on the paper it stands.
  const spare = Math.max(0, page.width * wide - (x1 - x0) - margin * 3);
  const left = Math.max(0, x0 - margin * 1.5 - spare * 0.3), top = Math.max(0, y0 - margin);
  const width = Math.min(page.width, x1 + margin * 1.5 + spare * 0.7) - left, height = Math.min(page.height, y1 + margin) - top;
  return svg("svg", { class: "crop", viewBox: `${left} ${top} ${width} ${height}`, role: "img",
    "aria-label": t("desk.page_of", { number: place.page, title: place.label }), preserveAspectRatio: "xMinYMid meet" },
    svg("image", { href: pageImage(dossier, place.page), width: page.width, height: page.height }));
}

/** A QR code from its path. */
export const code = (side, path, label) =>
  svg("svg", { class: "code", viewBox: `0 0 ${side} ${side}`, role: "img", "aria-label": label, "shape-rendering": "crispEdges" },
    svg("rect", { width: side, height: side, class: "paper" }), svg("path", { d: path, class: "ink" }));

export function size(bytes) {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1).replace(".", ",")} MB`;
}

/** Seconds as people say them. */
export function duration(seconds) {
  return seconds < 90 ? t("desk.seconds", { count: seconds }) : t("desk.minutes", { count: Math.round(seconds / 60) });
}

/** A random key for an act or a visit. */
export function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
