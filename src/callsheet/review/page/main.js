// The page: which part of it is shown, what stands in its address, and what each key does.

import { Decisions } from "./decide.js";
import { el, fill, say, words } from "./dom.js";
import { Grid } from "./grid.js";
import { showBasket, showKeys } from "./panels.js";
import { FileStore, ServerStore } from "./store.js";
import { Viewer } from "./viewer.js";
import { ROLES } from "./words.js";

class Page {
  constructor(store) {
    this.store = store;
    this.decisions = new Decisions(store);
    this.main = document.getElementById("main");
    this.bar = document.getElementById("bar");
    this.grid = new Grid(store, (key, clip) => this.open(key, clip));
    this.viewer = null;
    store.listeners.push((what) => this.changed(what));
    addEventListener("hashchange", () => this.route());
    document.addEventListener("keydown", (event) => this.key(event));
    this.drawBar();
    this.route();
  }

  changed(what) {
    this.drawBar();
    if (this.viewer) what === "prices" ? this.viewer.drawSide() : this.viewer.renew();
    else if (what !== "prices") this.grid.draw();
  }

  drawBar() {
    const { state } = this.store;
    const writing = document.activeElement && document.activeElement.id === "filter";
    if (writing) {
      this.counts.replaceChildren(...this.countWords());
      return;
    }
    document.title = `${state.title} · dailies`;
    this.counts = el("span", { class: "counts" }, this.countWords());
    const money = state.money ? el("span", { class: "quiet money" }, `${state.money.settled} USD spent${state.money.cap ? ` of ${state.money.cap}` : ""}${state.rehearsal ? " (rehearsal)" : ""}`) : null;
    fill(this.bar,
      el("h1", {}, el("button", { type: "button", class: "plain", onclick: () => this.close(), title: "all shots" }, words(state.title))), this.counts, money,
      this.store.shared && this.store.shared.expires ? el("span", { class: "quiet" }, words(`for ${state.who}, until ${this.store.shared.expires}`)) : null,
      el("span", { class: "gap" }),
      el("input", { id: "filter", type: "search", placeholder: "filter", "aria-label": "filter shots", value: this.grid.filter, oninput: (event) => {
        this.grid.filter = event.target.value;
        if (!this.viewer) this.grid.draw();
      } }),
      state.role === "producer" ? el("button", { type: "button", onclick: () => showBasket(this.store, this.decisions) }, `Basket ${state.basket.length}`, el("kbd", {}, "b")) : null,
      this.store.shared ? el("button", { type: "button", class: "main", onclick: () => this.save() }, `Save comments (${this.store.comments.length})`, el("kbd", {}, "s")) : null,
      el("span", { class: "role" }, ROLES[state.role]),
      el("button", { type: "button", onclick: showKeys, "aria-label": "keys" }, "Keys", el("kbd", {}, "?")));
  }

  countWords() {
    const shots = this.store.state.shots;
    const picked = shots.filter((shot) => shot.joined || shot.clips.some((clip) => clip.picked) || shot.wishes.some((wish) => wish.mine && wish.kind === "pick")).length;
    const conflicts = shots.filter((shot) => shot.conflict).length;
    return [`${picked} of ${shots.length} picked`, conflicts ? ` · ⇄ ${conflicts} in conflict` : ""];
  }

  save() {
    const name = `comments-${this.store.state.who.replace(/[^A-Za-z0-9]+/g, "-") || "client"}.json`;
    const link = el("a", { href: URL.createObjectURL(new Blob([JSON.stringify(this.store.file(), null, 1)], { type: "application/json" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
    say(`Saved as ${name}: send it back.`);
  }

  open(key, clip) {
    location.hash = new URLSearchParams({ shot: key, ...(clip ? { clips: clip } : {}) }).toString();
    this.route(); // now: the next key is meant for what was opened
  }

  close() {
    if (!this.viewer) return;
    location.hash = "";
    this.route();
  }

  route() {
    if (location.hash === this.routed) return;
    this.routed = location.hash;
    const told = new URLSearchParams(location.hash.slice(1));
    const key = told.get("shot");
    if (this.viewer && this.viewer.key === key && this.viewer.address() === location.hash.slice(1)) return;
    const before = this.viewer;
    if (before) before.release();
    this.viewer = null;
    const shot = key ? this.store.shot(key) : null;
    document.body.classList.toggle("one", Boolean(shot));
    if (!shot) {
      this.grid.draw();
      fill(this.main, this.grid.root);
      if (before) this.grid.focus(`${before.key} ${before.panes[before.active] || ""}`);
      return;
    }
    const number = (name) => (told.get(name) && /^\d{1,7}$/.test(told.get(name)) ? Number(told.get(name)) : undefined);
    const given = {
      clips: (told.get("clips") || "").split(",").filter(Boolean), view: [1, 2, 4].includes(number("view")) ? number("view") : 1, frame: number("frame"),
      mode: ["wipe", "difference"].includes(told.get("mode")) ? told.get("mode") : "side", at: number("at"),
    };
    this.viewer = new Viewer(this.store, this.decisions, key, given, () => this.addressed(), (event) => this.does(event));
    fill(this.main, this.viewer.root);
    this.main.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  // what is compared stands in the address: a link shows the same again
  addressed() {
    if (!this.viewer) return;
    history.replaceState(null, "", `#${this.viewer.address()}`);
    this.routed = location.hash;
  }

  go(by) {
    const keys = this.grid.shots.map((shot) => shot.key);
    const next = keys[keys.indexOf(this.viewer.key) + by];
    if (next) this.open(next);
    else say(by > 0 ? "That was the last shot." : "This is the first shot.");
  }

  async pick() {
    if (this.viewer) {
      if (!this.viewer.clip) return;
      const picked = this.viewer.pick();
      this.go(1); // now: the next keys are meant for the next shot
      await picked;
      return;
    }
    const one = this.grid.chosen();
    if (!one) return;
    const picked = this.decisions.pick(one.shot, one.clip);
    this.grid.advance(one.shot.key);
    await picked;
  }

  key(event) {
    const at = event.target;
    if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (at.tagName === "TEXTAREA" || (at.tagName === "INPUT" && at.type !== "range")) {
      if (event.key === "Escape") {
        at.blur();
        this.main.focus({ preventScroll: true });
      }
      return;
    }
    if ((event.key === "Enter" || event.key === " ") && (at.tagName === "BUTTON" || at.tagName === "SUMMARY") && (event.key === "Enter" || !this.viewer)) return;
    if (this.does(event)) event.preventDefault();
  }

  does(event) {
    const acts = {
      "?": showKeys, a: () => this.pick(), u: () => this.decisions.undo(), "/": () => document.getElementById("filter").focus(),
      b: () => this.store.state.role === "producer" && showBasket(this.store, this.decisions), s: () => this.store.shared && this.save(), R: () => !this.store.shared && this.store.refresh().then(() => say("Read again."), (error) => say(error.message)),
    };
    if (this.viewer && event.key !== "Escape" && this.viewer.later(event)) return true;
    if (this.viewer && this.viewer.pressed(event)) return true;
    if (this.viewer && ["ArrowUp", "ArrowDown", "Escape"].includes(event.key)) {
      if (event.key === "Escape") this.close();
      else this.go(event.key === "ArrowDown" ? 1 : -1);
      return true;
    }
    if (!this.viewer) {
      if (this.grid.key(event)) return true;
      const one = this.grid.chosen();
      if (one && event.key === "x") return Boolean(this.decisions.reject(one.shot, one.clip));
      if (one && event.key === "r") return Boolean(this.decisions.retake(one.shot));
    }
    if (!acts[event.key]) return false;
    acts[event.key]();
    return true;
  }
}

async function begin() {
  const inside = document.getElementById("shared");
  const shared = inside ? JSON.parse(inside.textContent) : null;
  const main = document.getElementById("main");
  if (shared && shared.expires && new Date() > new Date(`${shared.expires}T23:59:59`)) {
    fill(main, el("p", { class: "slate" }, words(`This review was open until ${shared.expires}. Ask for a new one.`)));
    return;
  }
  const store = shared ? new FileStore(shared) : new ServerStore();
  try {
    await store.begin();
  } catch (error) {
    fill(main, el("p", { class: "slate" }, words(error.message)));
    return;
  }
  document.body.page = new Page(store);
}

begin();
