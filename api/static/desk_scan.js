// A desk scanner is a keyboard: many keys within a blink, with bars between the parts and Enter at the end. Such a burst
// is taken out of whatever field had the focus, put back as it was, and handed on; a person never types like that.
// What was scanned lives in memory until it is handed on, and is never written anywhere.

const GAP = 60;      // ms between two keys of a scanner at the most; quick typists need 80 and more
const LEAST = 30;    // letters of the shortest card
const BARS = /[|\\~¦‖]/g;

/** Whether a text is shaped like a card's code, whatever the keyboard did to it. */
export function shaped(text) {
  return text.length >= LEAST && (text.match(BARS) ?? []).length >= 5;
}

/** Listens on a document; calls `found(text)` for each scan. Returns a function that says whether a burst is under way. */
export function listen(root, found) {
  let text = "", last = -Infinity, field = null, before = "", caret = 0;

  const begin = () => {
    text = "";
    const active = root.activeElement;
    field = active && "selectionStart" in active && active.selectionStart !== null ? active : null;
    if (field) [before, caret] = [field.value, field.selectionStart];
  };

  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const now = event.timeStamp;
    if (now - last > GAP) begin();
    if (event.key === "Enter") {
      if (shaped(text) && now - last <= GAP) {
        const scanned = text;
        event.preventDefault();
        event.stopImmediatePropagation();
        if (field) {
          field.value = before;
          field.setSelectionRange(caret, caret);
          field.dispatchEvent(new Event("input", { bubbles: true }));
        }
        begin();
        last = -Infinity;
        found(scanned);
        return;
      }
      text = "";
    } else if (event.key === "Backspace") {
      text = [...text].slice(0, -1).join("");   // a typing method that changes its mind
    } else if ([...event.key].length === 1) {
      text += event.key;
      // From the third quick key on it is no person: nothing of it may press our own keys.
      if (text.length > 2) event.fromScanner = true;
    } else {
      return;
    }
    last = now;
  }, true);

  return () => text.length > 2 && performance.now() - last <= GAP;
}
