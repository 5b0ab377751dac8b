// What the page knows, and how it changes: through the server that `callsheet review` runs, or in a file that somebody was sent.

const POLL_MS = 2000;
const PRICES_MS = 3000;

function uid() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
}

export class ServerStore {
  constructor() {
    this.state = null;
    this.prices = { shots: {}, basket: [], finals: [] };
    this.facts = new Map();
    this.done = [];
    this.listeners = [];
    this.shared = null;
    this.waiting = [];
    this.turn = Promise.resolve();
  }

  async begin() {
    this.state = await this.ask("api/state");
    setInterval(() => this.poll(), POLL_MS);
    this.pricedAfterPictures();
  }

  // prices are a plan of the whole project: the first picture doesn't wait for that
  pricedAfterPictures() {
    let asked = false;
    const first = () => {
      if (!asked) this.priced();
      asked = true;
    };
    for (const met of ["load", "loadeddata", "error"]) document.addEventListener(met, (event) => ["IMG", "VIDEO"].includes(event.target.tagName) && first(), { capture: true });
    setTimeout(first, this.state.shots.some((shot) => shot.clips.length) ? PRICES_MS : 0);
  }

  async ask(path, body) {
    const how = body ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) } : {};
    const answer = await fetch(path, how);
    const told = await answer.json().catch(() => ({ error: `the server answered ${answer.status}` }));
    if (!answer.ok) throw Object.assign(new Error(told.error), told);
    return told;
  }

  async poll() {
    if (document.hidden || this.waiting.length) return;
    const told = await this.ask("api/log").catch(() => null);
    if (told && (told.last !== this.state.last || told.read !== this.state.read)) this.changed(await this.ask("api/state"));
  }

  changed(state) {
    this.state = state;
    this.tell();
    this.priced();
  }

  async priced() {
    const prices = await this.ask("api/prices").catch(() => null);
    if (prices) {
      this.prices = prices;
      this.tell("prices");
    }
  }

  tell(what) {
    for (const listener of this.listeners) listener(what || "state");
  }

  shot(key) {
    return this.state.shots.find((one) => one.key === key);
  }

  film(clip) {
    return `media/${clip.sha256}.mp4`;
  }

  picture(clip) {
    return `media/${clip.sha256}.webp`;
  }

  wave(clip) {
    return `media/${clip.sha256}.wave.webp`;
  }

  async factsOf(clip) {
    if (!this.facts.has(clip.sha256)) this.facts.set(clip.sha256, await this.ask(`api/clip/${clip.sha256}`));
    return this.facts.get(clip.sha256);
  }

  // `inverse` is what takes it back. Decisions may come faster than answers: they are sent in their order, each with what its author had seen
  decide(shot, decision, inverse) {
    const body = { uid: uid(), list: shot.list, shot: shot.shot, seen: this.state.last, ...decision };
    this.waiting.push(body);
    const sent = this.turn.then(() => this.send(body, inverse));
    this.turn = sent.catch(() => {});
    return sent;
  }

  async send(body, inverse) {
    try {
      const { seen } = body;
      const told = await this.ask("api/decide", body);
      if (inverse) this.done.push({ list: body.list, shot: body.shot, ...inverse(body) });
      // nobody else said anything between: whoever saw the state before saw this, too
      if (told.state.last === seen + 1) for (const one of this.waiting) if (one.seen === seen) one.seen = told.state.last;
      this.changed(told.state);
    } catch (error) {
      if (error.newer) this.changed(await this.ask("api/state"));
      throw error;
    } finally {
      this.waiting.splice(this.waiting.indexOf(body), 1);
    }
  }

  async undo() {
    await this.turn;
    const last = this.done.pop();
    if (!last) return null;
    await this.decide(last, last, null);
    return last;
  }

  async refresh() {
    this.changed(await this.ask("api/refresh", { uid: uid() }));
  }

  async order() {
    const told = await this.ask("api/order", { uid: uid() });
    this.changed(told.state);
    return told.ordered;
  }
}

export class FileStore extends ServerStore {
  constructor(shared) {
    super();
    this.shared = shared;
    this.comments = [];
  }

  async begin() {
    this.state = this.shared.state;
    for (const shot of this.state.shots) for (const clip of shot.clips) this.facts.set(clip.sha256, clip.facts);
    this.comments = this.kept();
    for (const one of this.comments) this.apply(one);
  }

  kept() {
    try {
      return JSON.parse(localStorage.getItem(`callsheet-${this.shared.id}`) || "[]");
    } catch {
      return []; // a browser that keeps nothing for files
    }
  }

  keep() {
    try {
      localStorage.setItem(`callsheet-${this.shared.id}`, JSON.stringify(this.comments));
    } catch {
      this.kept = () => [];
    }
  }

  film(clip) {
    return `media/${clip.file}.mp4`;
  }

  picture(clip) {
    return `media/${clip.file}.webp`;
  }

  wave() {
    return null;
  }

  async decide(shot, decision, inverse) {
    const body = { uid: uid(), list: shot.list, shot: shot.shot, at: new Date().toISOString(), ...decision };
    if (inverse) this.done.push({ list: shot.list, shot: shot.shot, ...inverse(body) });
    this.comments.push(body);
    this.keep();
    this.apply(body);
    this.tell();
  }

  // the same fold as the server's, of one client's words alone
  apply(one) {
    const shot = this.shot(`${one.list}:${one.shot}`);
    if (!shot) return;
    const mine = (kinds) => shot.wishes.filter((wish) => !(wish.mine && kinds.includes(wish.kind)));
    const wish = { kind: one.kind, clip: one.clip || null, who: this.state.who, role: this.state.role, mine: true, uid: one.uid, body: one.body || {} };
    const same = (other) => other.mine && one.clip && other.clip === one.clip;
    switch (one.kind) {
      case "pick":
      case "retake":
        shot.wishes = [...mine(["pick", "retake"]).filter((other) => !same(other)), wish];
        break;
      case "reject":
        shot.wishes = [...shot.wishes.filter((other) => !same(other)), wish];
        break;
      case "unpick":
        shot.wishes = mine(["pick"]);
        break;
      case "unretake":
        shot.wishes = mine(["retake"]);
        break;
      case "unreject":
        shot.wishes = shot.wishes.filter((other) => !same(other));
        break;
      case "withdraw":
        shot.wishes = mine(["pick", "reject", "retake"]);
        break;
      case "note":
        shot.notes = [...shot.notes, { ...wish, at: one.at }];
        break;
      case "erase":
        shot.notes = shot.notes.filter((note) => note.uid !== (one.body || {}).note);
        break;
    }
  }

  // what is handed back: to be read by `callsheet review --import`
  file() {
    const { id, project } = this.shared;
    return { schema: "callsheet.review-comments/1", share: id, project, role: this.state.role, who: this.state.who, decisions: this.comments };
  }
}
