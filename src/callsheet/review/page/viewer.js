// One shot: its takes in one, two or four pictures that play as one, frame by frame, with what is said of them.

import { Context } from "./context.js";
import { CONTROLS } from "./controls.js";
import { Drawing } from "./drawing.js";
import { el, fill, say, sign, words } from "./dom.js";
import { Film, Together } from "./film.js";
import { clamp, timecode } from "./frames.js";
import { KEYBOARD } from "./keyboard.js";
import { SIDE } from "./side.js";
import { clipStanding, shortName } from "./words.js";

const CONTEXT_S = 1;

export class Viewer {
  constructor(store, decisions, key, given, moved, does) {
    this.store = store;
    this.does = does;
    this.decisions = decisions;
    this.key = key;
    this.moved = moved;
    this.films = new Map();
    this.together = null;
    this.context = null;
    this.sound = false;
    this.filled = false;
    this.range = [null, null];
    this.parts = [];
    this.early = [];
    this.loaded = false;
    this.broken = false;
    this.drawing = new Drawing();
    this.mode = given.mode || "side";
    this.wipe = given.at === undefined ? 50 : given.at;
    this.count = given.view || 1;
    this.stage = el("div", { class: "stage" });
    this.controls = el("div", { class: "controls" });
    this.side = el("aside", { class: "side" });
    this.root = el("div", { class: "viewer" }, el("div", { class: "screen" }, this.stage, this.controls), this.side);
    this.choose(given.clips);
    this.drawSide(); // decided and noted can be at once, whatever the films' pace
    this.build(given.frame || 0);
  }

  get shot() {
    return this.store.shot(this.key);
  }

  get clip() {
    return this.shot.clips.find((one) => one.id === this.panes[this.active]);
  }

  get film() {
    return this.films.get(this.panes[this.active]);
  }

  choose(ids) {
    const clips = this.shot.clips;
    const known = (ids || []).filter((id) => clips.some((one) => one.id === id));
    const first = clips.find((one) => one.picked) || clips.find((one) => one.stands) || clips[clips.length - 1];
    const rest = clips.filter((one) => !known.includes(one.id) && (known.length || one !== first)).map((one) => one.id);
    this.panes = [...(known.length ? known : first ? [first.id] : []), ...rest];
    this.active = 0;
  }

  get shown() {
    return this.mode === "side" ? this.panes.slice(0, Math.min(this.count, this.panes.length)) : this.panes.slice(0, 2);
  }

  // films stay loaded while they are shown
  build(frame) {
    this.begun = this.building(frame);
    return this.begun;
  }

  // keys may come faster than films: only the last of several has its way
  async building(frame) {
    this.turn = (this.turn || 0) + 1;
    const turn = this.turn;
    this.stopContext();
    this.loaded = false;
    this.broken = false;
    const at = frame === undefined && this.together ? this.together.aim : frame || 0;
    const shown = this.shown;
    if (!shown.length) {
      fill(this.stage, el("p", { class: "slate" }, "no clip yet"));
      this.draw();
      return;
    }
    for (const [id, film] of this.films) {
      if (!shown.includes(id)) {
        film.release();
        this.films.delete(id);
      }
    }
    for (const id of shown) {
      if (this.films.has(id)) continue;
      const clip = this.shot.clips.find((one) => one.id === id);
      try {
        const facts = await this.store.factsOf(clip);
        if (turn !== this.turn || this.gone) return;
        if (!this.films.has(id)) this.films.set(id, new Film(clip, facts, this.store.film(clip)));
      } catch (error) {
        if (turn !== this.turn || this.gone) return;
        this.broken = true;
        const unsaid = this.early.splice(0).find((one) => one.words);
        fill(this.stage, el("p", { class: "slate" }, words(`${clip.name} can't be shown: ${error.message}`)));
        this.drawSide();
        if (unsaid && this.box) this.box.value = unsaid.words;
        return;
      }
    }
    if (turn !== this.turn || this.gone) return;
    this.active = clamp(this.active, 0, shown.length - 1);
    const films = shown.map((id) => this.films.get(id));
    const lead = films[this.active];
    if (this.together) this.together.playing = false;
    for (const film of films) film.onframe = () => {};
    this.together = new Together([lead, ...films.filter((one) => one !== lead)]);
    this.together.onframe = (now) => this.stood(now);
    this.together.hear(lead, this.sound);
    this.range = lead.clip.trim ? [...lead.clip.trim] : [null, null];
    this.ranged();
    this.lay(films);
    this.draw();
    this.loaded = true;
    await this.together.seek(Math.min(at, lead.frames - 1));
    if (turn !== this.turn || this.gone) return;
    this.ready = turn;
    this.stood(this.together.frame);
  }

  lay(films) {
    const look = this.mode === "side" ? `view${films.length}` : this.mode;
    const panes = films.map((film, number) => {
      const label = el("button", { type: "button", class: "name", onclick: () => this.activate(number), "aria-pressed": number === this.active });
      film.onbroken = () => this.label();
      return el("div", { class: `pane${number === this.active ? " active" : ""}`, "data-clip": film.clip.id }, film.video, number === this.active ? this.drawing.root : null, label);
    });
    const facts = this.store.facts.get(films[0].clip.sha256);
    const stage = el("div", { class: `panes ${look}${facts.width < facts.height ? " tall" : ""}` }, panes);
    stage.style.setProperty("--shape", `${facts.width} / ${facts.height}`);
    stage.style.setProperty("--ratio", `${facts.width / facts.height}`);
    if (this.mode === "wipe" && panes[1]) panes[1].style.clipPath = `inset(0 0 0 ${this.wipe}%)`;
    if (this.mode === "wipe" && panes[1]) stage.append(this.line());
    fill(this.stage, stage);
    this.label();
    this.root.classList.toggle("filled", this.filled);
  }

  // what stands under each picture; the films themselves are not touched, so that they play on
  label() {
    for (const pane of this.stage.querySelectorAll(".pane[data-clip]")) {
      const clip = this.shot.clips.find((one) => one.id === pane.dataset.clip);
      if (!clip) continue;
      const [glyph, word, state] = clipStanding(this.shot, clip);
      const film = this.films.get(clip.id);
      fill(pane.querySelector(".name"), words(shortName(this.shot, clip)), film && film.broken ? el("b", { class: "reject" }, sign(" ✕ "), "can't be played") : null, glyph ? el("b", { class: state }, sign(` ${glyph} `), word) : null);
    }
  }

  line() {
    const line = el("div", { class: "line", "aria-hidden": "true" });
    line.style.left = `${this.wipe}%`;
    return line;
  }

  // frame n stands on the screen
  stood(frame) {
    const film = this.film;
    if (!film || !this.counter) return;
    this.counter.textContent = `${frame}`;
    this.time.textContent = `${timecode(frame, film.rate)}`;
    this.slider.value = String(frame);
    this.slider.setAttribute("aria-valuetext", `frame ${frame}`);
    const note = this.shot.notes.find((one) => one.clip === film.clip.id && one.body.frame === frame && (one.body.drawing || one.body.pin));
    if (!this.drawing.active) this.drawing.show(note && !this.together.playing ? note.body.drawing || [] : [], note && !this.together.playing ? note.body.pin : null);
    if (!this.together.playing) this.moved();
  }

  draw() {
    this.drawControls();
    this.drawSide();
  }

  // the store changed: pictures stay, words are new
  renew() {
    if (!this.shot) return;
    const ids = this.shot.clips.map((one) => one.id);
    this.panes = [...this.panes.filter((id) => ids.includes(id)), ...ids.filter((id) => !this.panes.includes(id))];
    for (const film of this.films.values()) film.clip = this.shot.clips.find((one) => one.id === film.clip.id) || film.clip;
    this.label();
    this.drawSide();
    this.drawControls();
    if (this.together) this.stood(this.together.frame);
  }

  // this take in the active picture
  async show(id) {
    const other = this.panes.indexOf(id);
    if (other < 0) return;
    [this.panes[this.active], this.panes[other]] = [this.panes[other], this.panes[this.active]];
    await this.build();
  }

  async take(number) {
    const clips = this.shot.clips.filter((one) => one.take === number);
    if (!clips.length) {
      say(`There is no clip of take ${number}.`);
      return;
    }
    const at = clips.findIndex((one) => one.id === this.panes[this.active]);
    await this.show(clips[at < 0 ? clips.length - 1 : (at + clips.length - 1) % clips.length].id);
  }

  async activate(number) {
    if (!this.shown.length) return;
    this.active = number % this.shown.length;
    await this.build();
  }

  async cycle() {
    this.mode = "side";
    this.count = { 1: 2, 2: 4, 4: 1 }[this.count];
    if (this.count === 4 && this.panes.length < 3) this.count = 1;
    this.active = 0;
    await this.build();
  }

  async compare(mode) {
    if (this.panes.length < 2) {
      say("There is only one take to look at.");
      return;
    }
    this.mode = this.mode === mode ? "side" : mode;
    this.active = 0;
    await this.build();
  }

  wiped(percent) {
    this.wipe = clamp(percent, 0, 100);
    const [, over] = this.stage.querySelectorAll(".pane");
    if (over) over.style.clipPath = `inset(0 0 0 ${this.wipe}%)`;
    const line = this.stage.querySelector(".line");
    if (line) line.style.left = `${this.wipe}%`;
    this.moved();
  }

  async toggle(speed) {
    if (this.context) {
      this.stopContext();
      await this.build();
      return;
    }
    if (!this.together) return;
    if (this.together.playing && !speed) await this.together.pause();
    else await this.together.play(speed || 1);
  }

  hear() {
    this.sound = !this.sound;
    if (this.together) this.together.hear(this.film, this.sound);
    this.drawControls();
    if (this.together) this.stood(this.together.frame);
  }

  ranged() {
    const [from, end] = this.range;
    this.together.range = from === null && end === null ? null : [from || 0, end === null ? this.film.frames : end];
  }

  async point(side) {
    const film = this.film;
    if (!film || !this.decisions.producer) return;
    const frame = this.together.aim;
    const range = this.range.map((one, number) => (one === null ? (number ? film.frames : 0) : one));
    range[side] = side ? frame + 1 : frame;
    if (range[0] >= range[1]) range[side ? 0 : 1] = side ? 0 : film.frames;
    this.range = range;
    this.ranged();
    await this.decisions.trim(this.shot, film.clip, range);
  }

  async whole() {
    this.range = [null, null];
    this.ranged();
    await this.decisions.trim(this.shot, this.film.clip, null);
  }

  add() {
    const [from, end] = this.range;
    this.parts.push({ clip: this.clip, first: from || 0, end: end === null ? this.film.frames : end });
    this.drawSide();
    say(`${this.parts.length} part${this.parts.length > 1 ? "s" : ""}; E sets the join.`);
  }

  async join() {
    if (!this.parts.length) {
      say("Set in and out of a take, then e adds it.");
      return;
    }
    if (await this.decisions.join(this.shot, this.parts)) this.parts = [];
    this.drawSide();
  }

  pick() {
    return this.clip ? this.decisions.pick(this.shot, this.clip) : Promise.resolve(false);
  }

  // as it stands in the cut: the neighbours' ends, or all of the sequence
  inContext(all) {
    if (this.context) {
      this.stopContext();
      this.build();
      return;
    }
    const row = this.store.state.shots.filter((one) => one.list === this.shot.list && one.sequence === this.shot.sequence);
    const at = row.indexOf(this.shot);
    const part = (shot, one) => {
      const clip = shot.clips.find((other) => other.id === one.clip);
      return clip ? { source: this.store.film(clip), from: one.from_s, length: one.length_s, name: shot.shot } : null;
    };
    const parts = (shot) => (shot ? shot.cut.map((one) => part(shot, one)).filter(Boolean) : []);
    const film = this.film;
    const [from, end] = this.range;
    const rate = film ? film.rate[0] / film.rate[1] : 24;
    const own = film && (from !== null || end !== null) ? [{ source: this.store.film(film.clip), from: (from || 0) / rate, length: ((end === null ? film.frames : end) - (from || 0)) / rate, name: this.shot.shot }] : null;
    const shown = film && !film.clip.stands && !own ? [{ source: this.store.film(film.clip), from: 0, length: this.shot.cut.reduce((sum, one) => sum + one.length_s, 0) || film.frames / rate, name: this.shot.shot }] : null;
    const before = parts(row[at - 1]).slice(-1).map((one) => ({ ...one, from: one.from + Math.max(0, one.length - CONTEXT_S), length: Math.min(CONTEXT_S, one.length) }));
    const after = parts(row[at + 1]).slice(0, 1).map((one) => ({ ...one, length: Math.min(CONTEXT_S, one.length) }));
    const list = all ? row.flatMap(parts) : [...before, ...(own || shown || parts(this.shot)), ...after];
    if (!list.length) {
      say("Nothing of this stands in the cut.");
      return;
    }
    if (this.together) this.together.playing = false;
    for (const one of this.films.values()) one.video.pause();
    this.context = new Context(list, this.stage, this.sound, () => {
      if (!this.context) return;
      this.context = null;
      this.build();
    });
  }

  stopContext() {
    const context = this.context;
    this.context = null;
    if (context) context.stop();
  }

  release() {
    this.gone = true;
    this.stopContext();
    for (const film of this.films.values()) film.release();
    this.films.clear();
  }

  address() {
    const clips = this.shown;
    const told = new URLSearchParams({ shot: this.key, clips: clips.join(","), view: this.count, frame: this.together ? this.together.frame : 0 });
    if (this.mode !== "side") told.set("mode", this.mode);
    if (this.mode === "wipe") told.set("at", this.wipe);
    return told.toString();
  }
}

Object.assign(Viewer.prototype, CONTROLS, KEYBOARD, SIDE);
