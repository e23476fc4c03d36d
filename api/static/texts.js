// The words of the page's language: t("desk.title"), t("common.pages", { count: 3 }). The same catalogue as templates.
// A key that is not there is shown as itself, so that a defect is seen and nothing stops.

const answer = await fetch(`/texts/${document.documentElement.lang}.json`);
const words = answer.ok ? await answer.json() : {};

export const language = document.documentElement.lang;

export function t(key, values = {}) {
  return (words[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}
