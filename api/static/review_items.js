// The clerk's next items, some ahead: their pictures are loaded and decoded before they are needed, so that the next
// field is there when the key is pressed. Items are the clerk's as long as the heartbeat says so.

import { ask } from "./review_net.js";

const HEARTBEAT = 60_000;

/** Address of a part's strip. */
export const stripOf = (item, part, wide) => `/api/v1/review/items/${item.id}/strip?part=${part}${wide ? "&wide=true" : ""}`;

export class Items {
  /** `waits()`: ids of acts that were not sent yet; `told(answer)` hears what every answer says besides items; `lost()`
   * is called when the item on the screen is this clerk's no more. */
  constructor(ahead, waits, told, trouble, lost) {
    Object.assign(this, { ahead, waits, told, trouble, lost });
    this.ready = [];
    this.pictures = new Map();
    this.wish = {};
    this.epoch = 0;
    setInterval(() => this.keep(), HEARTBEAT);
  }

  get current() { return this.ready[0] ?? null; }

  /** The wish changed: items in hand go back, but for the first where `first` is kept. */
  async restart(wish) {
    this.epoch += 1;
    const back = this.ready.splice(0).map((item) => item.id);
    this.pictures.clear();
    this.wish = wish;
    this.taking = null;
    if (back.length) await ask("POST", "/release", { items: back }).catch(() => {});
    return this.fill();
  }

  /** Takes more where there are few; resolves when there is an item or none is left. */
  fill() {
    if (this.ready.length > this.ahead / 2) return Promise.resolve();
    this.taking ??= this.take(this.epoch).finally(() => { this.taking = null; });
    return this.taking;
  }

  async take(epoch) {
    const but = [...new Set([...this.ready.map((item) => item.id), ...this.waits()])].slice(-60);
    let said;
    try {
      said = await ask("POST", "/take", { ...this.wish, count: this.ahead - this.ready.length, but });
    } catch (error) {
      this.trouble(error);
      return;
    }
    this.trouble(null);
    if (epoch !== this.epoch) return;
    const known = new Set([...this.ready.map((item) => item.id), ...this.waits()]);
    const fresh = said.items.filter((item) => !known.has(item.id));
    this.ready.push(...fresh);
    fresh.forEach((item) => this.load(item));
    this.told(said);
  }

  /** The first item is done with. */
  next() {
    const gone = this.ready.shift();
    if (gone) for (const key of this.pictures.keys()) if (key.startsWith(gone.id)) this.pictures.delete(key);
    this.fill();
    return this.current;
  }

  /** An item comes back to the front. */
  front(item) {
    this.ready = [item, ...this.ready.filter((one) => one.id !== item.id)];
    this.load(item);
  }

  load(item) {
    item.parts.forEach((part, at) => { if (part.picture) this.picture(item, at, false); });
  }

  /** The decoded picture of a part: an element to be put into the page. */
  picture(item, part, wide) {
    const key = `${item.id}/${part}/${wide}`;
    let found = this.pictures.get(key);
    if (!found) {
      found = new Image();
      found.src = stripOf(item, part, wide);
      found.decode().catch(() => this.pictures.delete(key));
      this.pictures.set(key, found);
    }
    return found;
  }

  async keep() {
    if (!this.ready.length) { this.fill(); return; }
    const mine = this.ready.map((item) => item.id);
    const said = await ask("POST", "/keep", { items: mine }).catch(() => null);
    if (!said) return;
    const gone = new Set(mine.filter((id) => !said.items.includes(id)));
    const current = this.current;
    this.ready = this.ready.filter((item) => !gone.has(item.id));
    if (current && gone.has(current.id)) this.lost();
  }
}
