// Telex and VNI in the field itself, whatever the computer's keyboard: each key makes a new spelling of the syllable
// before the cursor, in NFC, with the tone where spelling puts it (hòa, thúy, but hoàn, quý, giếng; or, where that is the
// clerk's habit, hoà, thuý). A syllable is taken
// apart into letters, their marks and one tone, changed, and put together again, so keys may come in any usual order
// (nguyeenx, nguyenex). The same key twice gives the key itself; what is no syllable is left alone.

const TONES = { s: "\u0301", f: "\u0300", r: "\u0309", x: "\u0303", j: "\u0323" };
const VNI_TONES = { 1: "\u0301", 2: "\u0300", 3: "\u0309", 4: "\u0303", 5: "\u0323" };
const HAT = "\u0302", BREVE = "\u0306", HORN = "\u031b", STROKE = "-";
const VNI_MARKS = { 6: HAT, 7: HORN, 8: BREVE, 9: STROKE };
const TONE = new Set(Object.values(TONES));
const VOWEL = new Set("aeiouy");
const FINALS = new Set(["", "c", "ch", "k", "m", "n", "ng", "nh", "p", "t"]);
// Vowels that stand together in Vietnamese, of those with a circumflex: nothing else may get one.
const HATTED = new Set(["â", "ê", "ô", "âu", "ây", "êu", "iê", "yê", "iêu", "yêu", "ôi", "ôô", "uâ", "uây", "uê", "uô", "uôi", "uyê"]);
const TAKES = { [HAT]: "aeo", [BREVE]: "a", [HORN]: "ou", [STROKE]: "d" };

/** Letters before the cursor that may be one syllable. */
export const syllableBefore = (text) => /[\p{L}\p{M}]*$/u.exec(text)[0];

/** The syllable after a key, or null where the key means only itself. `method` is "telex" or "vni"; `late` puts the tone
 * of oa, oe, uy on the second letter (hoà). */
export function typed(syllable, key, method, late = false) {
  const word = { ...taken(syllable.normalize("NFC")), late };
  const low = key.toLowerCase();
  let changed = null;
  if (method === "telex") changed = telex(word, low, key);
  else if (method === "vni" && /[0-9]/.test(key)) changed = vni(word, key);
  if (changed !== null) return changed;
  // A letter that comes with its marks was made by the computer's own typing method: it is left as it is.
  if (!["telex", "vni"].includes(method) || !/^[a-z]$/i.test(key)) return null;
  return put(appended(word, key));
}

function telex(word, low, key) {
  if (low in TONES) return toned(word, TONES[low], key);
  if (low === "z") return word.tone && vowels(word) ? put({ ...word, tone: "" }) : null;
  if (low === "d") return marked(word, "d", STROKE, key);
  if (low === "w") return horned(word, key) ?? (bare(word) ? put(appended(word, key === "W" ? "Ư" : "ư")) : null);
  return "aeo".includes(low) ? marked(word, low, HAT, key) : null;
}

function vni(word, key) {
  if (key in VNI_TONES) return toned(word, VNI_TONES[key], key);
  if (key === "0") return word.tone && vowels(word) ? put({ ...word, tone: "" }) : null;
  if (!(key in VNI_MARKS)) return null;
  const mark = VNI_MARKS[key];
  if (mark === HORN) return horned(word, key, false);
  return marked(word, TAKES[mark], mark, key);
}

/** A syllable as letters with their marks, and its tone. */
function taken(syllable) {
  let tone = "";
  const letters = [...syllable].map((letter) => {
    const small = letter.toLowerCase(), upper = small !== letter;
    if (small === "đ") return { base: "d", mark: STROKE, upper };
    const [base, ...signs] = small.normalize("NFD");
    tone = signs.find((sign) => TONE.has(sign)) ?? tone;
    return { base, mark: signs.find((sign) => !TONE.has(sign)) ?? "", upper };
  });
  return { letters, tone };
}

/** Where the vowels stand, [from, to), or null for what is no syllable: "qu" and "gi" are initials before a vowel. */
function vowels({ letters }) {
  let from = letters.findIndex((letter) => VOWEL.has(letter.base));
  if (from < 0) return null;
  const next = letters[from + 1];
  const before = letters[from - 1]?.base;
  const swallowed = (before === "q" && letters[from].base === "u") || (before === "g" && letters[from].base === "i");
  if (swallowed && from === 1 && next && VOWEL.has(next.base)) from += 1;
  let to = from;
  while (to < letters.length && VOWEL.has(letters[to].base)) to += 1;
  const final = letters.slice(to).map((letter) => letter.base).join("");
  return FINALS.has(final) && to - from <= 3 ? [from, to] : null;
}

/** Whether there are only consonants, or nothing. */
const bare = ({ letters }) => letters.every((letter) => !VOWEL.has(letter.base));

function toned(word, tone, key) {
  if (!vowels(word)) return null;
  if (word.tone === tone) return put({ ...word, tone: "" }) + key;
  return put({ ...word, tone });
}

/** The mark on the last letter that takes it; on one that has it already, the mark goes and the key stays. */
function marked(word, bases, mark, key) {
  const { letters } = word;
  const within = mark === STROKE ? [0, Math.min(1, letters.length)] : vowels(word);
  if (!within) return null;
  const at = letters.findLastIndex((l, i) => i >= within[0] && i < within[1] && bases.includes(l.base));
  if (at < 0) return null;
  if (letters[at].mark === mark) return put(changedAt(word, [at], "")) + key;
  const next = changedAt(word, [at], mark);
  return mark !== HAT || HATTED.has(put({ letters: next.letters.slice(...within), tone: "" }).toLowerCase()) ? put(next) : null;
}

/** w and 7: a horn on u and o, both where both stand together before a consonant; w on a alone is the breve. */
function horned(word, key, breve = true) {
  const within = vowels(word);
  if (!within) return null;
  const inside = (base) => word.letters.findIndex((l, i) => i >= within[0] && i < within[1] && l.base === base);
  const u = inside("u"), o = inside("o"), a = inside("a");
  let places;
  let mark = HORN;
  if (u >= 0 && o === u + 1) places = word.letters.length > o + 1 ? [u, o] : [o];
  else if (breve && a >= 0 && (u < 0 || a < u)) [places, mark] = [[a], BREVE];
  else if (o >= 0) places = [o];
  else if (u >= 0) places = [u];
  else return null;
  const whole = places.length === 1 && places[0] === o && u === o - 1 && u >= 0 && word.letters[u].mark === HORN;
  if (places.every((at) => word.letters[at].mark === mark) && !whole) return put(changedAt(word, places, "")) + key;
  return put(changedAt(word, places, mark));
}

const changedAt = (word, places, mark) => ({
  ...word,
  letters: word.letters.map((letter, at) => (places.includes(at) ? { ...letter, mark } : letter)),
});

/** One more letter; "uơ" becomes "ươ" when something follows it (thuở, but thương). */
function appended(word, key) {
  const more = taken(key.normalize("NFC")).letters;
  const { letters } = word;
  const last = letters.at(-1), before = letters.at(-2);
  const open = last?.base === "o" && last.mark === HORN && before?.base === "u" && !before.mark
    && letters.at(-3)?.base !== "q";
  const kept = open ? changedAt(word, [letters.length - 2], HORN).letters : letters;
  return { ...word, letters: [...kept, ...more] };
}

/** The syllable in NFC, its tone on the letter where spelling puts it. */
function put(word) {
  const at = word.tone ? tonePlace(word) : -1;
  const text = word.letters.map(({ base, mark, upper }, place) => {
    const small = mark === STROKE ? "đ" : base + mark + (place === at ? word.tone : "");
    return upper ? small.toUpperCase() : small;
  });
  return text.join("").normalize("NFC");
}

function tonePlace(word) {
  const { letters } = word;
  const found = vowels(word) ?? [letters.findIndex((l) => VOWEL.has(l.base)), letters.length];
  const [from, to] = found;
  const marked = letters.findLastIndex((l, i) => i >= from && i < to && l.mark && l.mark !== STROKE);
  if (marked >= 0) return marked;
  const count = to - from;
  if (count === 3) return from + 1;
  const pair = letters.slice(from, to).map((letter) => letter.base).join("");
  const second = to < letters.length || (word.late && ["oa", "oe", "uy"].includes(pair));
  return count === 2 && second ? to - 1 : from;
}

/** Makes a field understand the method that `method()` names at each key; "off" leaves the keyboard as it is. `late()`
 * says whether tones are put as in hoà. */
export function attach(field, method, late = () => false) {
  let ours = false;
  field.addEventListener("beforeinput", (event) => {
    if (ours || event.isComposing || event.inputType !== "insertText" || event.data?.length !== 1) return;
    if (field.selectionStart !== field.selectionEnd) return;
    const caret = field.selectionStart;
    const syllable = syllableBefore(field.value.slice(0, caret));
    const next = typed(syllable, event.data, method(), late());
    if (next === null || next === syllable + event.data) return;
    event.preventDefault();
    ours = true;
    field.setSelectionRange(caret - syllable.length, caret);
    // Unlike setting the value, this can be undone with Ctrl+Z and tells other listeners.
    document.execCommand("insertText", false, next);
    ours = false;
  });
}
