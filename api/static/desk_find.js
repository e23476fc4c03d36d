// Which procedure is meant by a few letters: any part of the name, initials, keywords or code, with or without marks.
// Pure functions over the list that came with the page: nobody is asked, so it works at every key and without network.

/** Letters without marks and case; đ is d. */
export function fold(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").replace(/đ/gi, "d").toLowerCase();
}

/** What is looked at of a procedure, folded once. */
export function prepared(procedure) {
  const name = fold(procedure.name);
  const words = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  return { procedure, name, words, initials: words.map((word) => word[0]).join(""), rest: fold(procedure.keywords.join(" ")) };
}

/** How well a word fits; 0 where it does not. */
function fit({ procedure, name, words, initials, rest }, word) {
  if (words.includes(word)) return 4;
  if (procedure.code.includes(word) && /\d/.test(word)) return 4;
  if (words.some((one) => one.startsWith(word))) return 3;
  if (word.length > 1 && initials.includes(word)) return initials.startsWith(word) ? 3.5 : 2.5;
  if (name.includes(word)) return 2;
  return rest.includes(word) ? 1.5 : 0;
}

/** The procedures that are meant, the best first; the most used where nothing was typed yet, or where all fit alike. */
export function search(list, query) {
  const asked = fold(query).split(/[^\p{L}\p{N}.]+/u).filter(Boolean);
  const phrase = asked.join(" ");
  const found = [];
  for (const one of list) {
    const fits = asked.map((word) => fit(one, word));
    if (fits.includes(0)) continue;
    const whole = asked.length > 1 && one.name.includes(phrase) ? 3 : 0;
    found.push({ procedure: one.procedure, rank: fits.reduce((sum, fit) => sum + fit, 0) + whole, used: one.procedure.used, length: one.name.length });
  }
  const by = asked.length
    ? (a, b) => b.rank - a.rank || b.used - a.used || a.length - b.length
    : (a, b) => b.used - a.used;
  return found.sort(by).map((one) => one.procedure);
}
