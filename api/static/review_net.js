// Requests of the workbench, and the acts that wait for the network. An act is kept in the browser's own database before
// it is sent and until the server has said what became of it; the server knows an act by its item and revision, so that
// sending it twice changes nothing. Acts of another clerk on this computer stay where they are.

const BASE = "/api/v1/review";

export class Offline extends Error {}
export class Refused extends Error {
  constructor(status, code) { super(code); this.status = status; this.code = code; }
}

/** JSON in, JSON out. Throws `Offline` where nobody answers, `Refused` where the answer is no. */
export async function ask(method, path, body) {
  let answer;
  try {
    answer = await fetch(BASE + path, {
      method, headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}), cache: "no-store",
    });
  } catch {
    throw new Offline();
  }
  if (answer.status === 204) return null;
  // A proxy that has lost the server says so in its own words: that is no answer of ours.
  if ([502, 503, 504].includes(answer.status)) throw new Offline();
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Refused(answer.status, said.code ?? "");
  return said;
}

function opened() {
  return new Promise((give, fail) => {
    const asked = indexedDB.open("hoso-review", 1);
    asked.onupgradeneeded = () => {
      asked.result.createObjectStore("acts", { keyPath: "n", autoIncrement: true });
      asked.result.createObjectStore("drafts", { keyPath: "item" });
    };
    asked.onsuccess = () => give(asked.result);
    asked.onerror = () => fail(asked.error);
  });
}

function done(request) {
  return new Promise((give, fail) => {
    request.onsuccess = () => give(request.result);
    request.onerror = () => fail(request.error);
  });
}

/** Acts on their way to the server, oldest first. `heard(act, outcome)` for each; `changed()` when the count changes. */
export class Outbox {
  constructor(clerk, heard, changed, trouble) {
    Object.assign(this, { clerk, heard, changed, trouble });
    this.waiting = [];
    this.sending = null;
    this.pause = 1000;
    addEventListener("online", () => this.send());
  }

  /** Takes up what an earlier page left behind. */
  async open() {
    this.database = await opened();
    const all = await done(this.database.transaction("acts").objectStore("acts").getAll());
    this.waiting = all.filter((one) => one.clerk === this.clerk);
    this.changed();
    if (this.waiting.length) await this.send();
  }

  get items() { return this.waiting.map((one) => one.act.item); }

  async put(act) {
    const one = { clerk: this.clerk, act };
    this.waiting.push(one);
    this.changed();
    one.kept = done(this.database.transaction("acts", "readwrite").objectStore("acts").add(one)).then((n) => { one.n = n; });
    await one.kept;
    this.send();
  }

  /** Takes the newest act out again if it has not left yet; null otherwise. */
  async takeBack() {
    if (this.sending || !this.waiting.length) return null;
    const one = this.waiting.pop();
    await one.kept;
    await this.forget([one]);
    this.changed();
    return one.act;
  }

  /** Sends all there is; resolves when nothing is left or nobody answers. */
  send() {
    this.sending ??= this.sendAll().finally(() => { this.sending = null; });
    return this.sending;
  }

  async sendAll() {
    clearTimeout(this.timer);
    while (this.waiting.length) {
      const batch = this.waiting.slice(0, 20);
      await Promise.all(batch.map((one) => one.kept));
      let said;
      try {
        said = await ask("POST", "/acts", { acts: batch.map((one) => one.act) });
      } catch (error) {
        this.trouble(error);
        this.timer = setTimeout(() => this.send(), this.pause);
        this.pause = Math.min(this.pause * 1.6, 15000);
        return;
      }
      this.pause = 1000;
      this.waiting.splice(0, batch.length);
      await this.forget(batch);
      this.trouble(null);
      this.changed();
      batch.forEach((one, at) => this.heard(one.act, said.outcomes[at]));
    }
  }

  async forget(batch) {
    const store = this.database.transaction("acts", "readwrite").objectStore("acts");
    await Promise.all(batch.filter((one) => one.n !== undefined).map((one) => done(store.delete(one.n))));
  }
}

/** What is being typed, kept here and sent at each key: one request at a time, always the newest. */
export class Drafts {
  constructor(clerk) { Object.assign(this, { clerk, next: null, busy: false, left: new Map() }); }

  /** What an earlier page left behind, which may not have reached the server. */
  async open(database) {
    this.database = database;
    const all = await done(database.transaction("drafts").objectStore("drafts").getAll());
    // Another clerk of this computer may get the same item: what one typed is nothing to the other.
    this.left = new Map(all.filter((one) => one.clerk === this.clerk).map((one) => [one.item, one]));
  }

  /** What was typed into this very revision of an item on this computer, if anything. */
  of(item) {
    const one = this.left.get(item.id);
    return one?.revision === item.revision ? one.typing : null;
  }

  put(draft) {
    this.store().put({ ...draft, clerk: this.clerk });
    this.next = draft;
    if (!this.busy) this.run();
  }

  drop(item) {
    this.left.delete(item);
    this.store().delete(item);
    this.next = null;
  }

  store() { return this.database.transaction("drafts", "readwrite").objectStore("drafts"); }

  async run() {
    this.busy = true;
    while (this.next) {
      const draft = this.next;
      this.next = null;
      try {
        await ask("PUT", "/draft", draft);
      } catch {
        // The next key tries again; what is answered does not need the draft.
        await new Promise((go) => setTimeout(go, 1000));
      }
    }
    this.busy = false;
  }
}
