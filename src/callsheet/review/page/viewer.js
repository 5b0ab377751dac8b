// One shot: its takes in one, two or four pictures that play as one, frame by frame, with what is said of them.

import { Context } from "./context.js";
import { Drawing } from "./drawing.js";
import { el, fill, say, words } from "./dom.js";
import { Film, Together } from "./film.js";
import { clamp, timecode } from "./frames.js";
import { clipStanding, FINDING, ROLES, shortName, standing, wishText } from "./words.js";

const CONTEXT_S = 1;

export class Viewer {
  constructor(store, decisions, key, given, moved) {
    this.store = store;
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
    this.drawing = new Drawing();
    this.mode = given.mode || "side";
    this.wipe = given.at === undefined ? 50 : given.at;
    this.count = given.view || 1;
    this.stage = el("div", { class: "stage" });
    this.controls = el("div", { class: "controls" });
    this.side = el("aside", { class: "side" });
    this.root = el("div", { class: "viewer" }, el("div", { class: "screen" }, this.stage, this.controls), this.side);
    this.choose(given.clips);
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
    const at = frame === undefined && this.together ? this.together.frame : frame || 0;
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
        say(error.message);
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
    await this.together.seek(Math.min(at, lead.frames - 1));
    if (turn !== this.turn || this.gone) return;
    this.ready = turn;
    this.stood(this.together.frame);
  }

  lay(films) {
    const look = this.mode === "side" ? `view${films.length}` : this.mode;
    const panes = films.map((film, number) => {
      const [glyph, word, state] = clipStanding(this.shot, film.clip);
      const label = el("button", { type: "button", class: "name", onclick: () => this.activate(number), "aria-pressed": number === this.active },
        words(shortName(this.shot, film.clip)), glyph ? el("b", { class: state }, ` ${glyph} ${word}`) : null);
      return el("div", { class: `pane${number === this.active ? " active" : ""}`, "data-clip": film.clip.id }, film.video, number === this.active ? this.drawing.root : null, label);
    });
    const stage = el("div", { class: `panes ${look}` }, panes);
    const facts = this.store.facts.get(films[0].clip.sha256);
    stage.style.setProperty("--shape", `${facts.width} / ${facts.height}`);
    stage.style.setProperty("--ratio", `${facts.width / facts.height}`);
    if (this.mode === "wipe" && panes[1]) panes[1].style.clipPath = `inset(0 0 0 ${this.wipe}%)`;
    if (this.mode === "wipe" && panes[1]) stage.append(this.line());
    fill(this.stage, stage);
    this.root.classList.toggle("filled", this.filled);
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
    if (this.clip && this.film && !this.context) this.lay(this.shown.map((id) => this.films.get(id)).filter(Boolean));
    this.drawSide();
    this.drawControls();
    if (this.together) this.stood(this.together.frame);
  }

  drawControls() {
    const film = this.film;
    if (!film) {
      fill(this.controls);
      return;
    }
    const button = (sign, name, key, act, pressed) =>
      el("button", { type: "button", title: `${name} (${key})`, "aria-label": name, "aria-pressed": pressed === undefined ? null : pressed, onclick: act }, sign);
    this.slider = el("input", { type: "range", min: 0, max: film.frames - 1, step: 1, value: this.together.frame, "aria-label": "frame",
      oninput: () => this.together.step(Number(this.slider.value) - this.together.frame) });
    this.counter = el("span", { class: "frame" }, "0");
    this.time = el("span", { class: "time" }, "");
    const [from, end] = this.range;
    const place = (frame) => `${(100 * frame) / film.frames}%`;
    const mark = (frame, look, name) => {
      const tick = el("i", { class: `tick ${look}`, title: name });
      tick.style.left = place(frame + 0.5);
      return tick;
    };
    const span = el("i", { class: "span" });
    span.style.left = place(from || 0);
    span.style.width = place((end === null ? film.frames : end) - (from || 0));
    const marks = [...film.clip.findings.filter((one) => one.frame !== null).map((one) => mark(one.frame, one.severity, one.message)),
      ...this.shot.notes.filter((one) => one.clip === film.clip.id).map((one) => mark(one.body.frame, "note", one.body.text))];
    const wave = film.clip.sha256 && this.store.wave(film.clip) && this.hasSound(film) ? el("img", { class: "wave", src: this.store.wave(film.clip), alt: "" }) : null;
    fill(this.controls,
      el("div", { class: "track" }, wave, from === null && end === null ? null : span, this.slider, el("div", { class: "ticks", "aria-hidden": "true" }, marks)),
      el("div", { class: "row" },
        button("|◀", "first frame", "Home", () => this.together.step(-film.frames)), button("◀", "one frame back", "←", () => this.together.step(-1)),
        button("▶❚", "play or pause", "Space", () => this.toggle()), button("▶", "one frame on", "→", () => this.together.step(1)), button("▶|", "last frame", "End", () => this.together.step(film.frames)),
        el("span", { class: "clock" }, "f ", this.counter, el("span", { class: "quiet" }, ` / ${film.frames} · `), this.time),
        el("span", { class: "gap" }),
        this.shot.clips.length > 1 ? [button("▥", "one, two or four side by side", "v", () => this.cycle(), this.mode === "side" && this.count > 1),
          button("◧", "wipe", "w", () => this.compare("wipe"), this.mode === "wipe"), button("◩", "difference", "d", () => this.compare("difference"), this.mode === "difference")] : null,
        button("⇥", "in context", "c", () => this.inContext(false)), button(this.sound ? "♪" : "♪̸", "sound", "m", () => this.hear(), this.sound),
        this.decisions.producer ? [button("[", "in-point", "i", () => this.point(0)), button("]", "out-point", "o", () => this.point(1))] : null),
      this.mode === "wipe" ? el("div", { class: "row" }, el("label", {}, "wipe ", el("input", { type: "range", min: 0, max: 100, value: this.wipe, oninput: (event) => this.wiped(Number(event.target.value)) }))) : null);
  }

  hasSound(film) {
    const facts = this.store.facts.get(film.clip.sha256);
    return Boolean(facts && facts.sound);
  }

  // what is being written stays, and so does the cursor
  drawSide() {
    const shot = this.shot;
    const before = this.box;
    const writing = before && before === document.activeElement ? [before.selectionStart, before.selectionEnd] : null;
    const clip = this.clip;
    const [glyph, word, look] = standing(shot);
    const price = this.decisions.price(shot);
    const act = (name, key, kind, work) => el("button", { type: "button", class: kind, onclick: work }, name, el("kbd", {}, key));
    const who = this.decisions.producer;
    fill(this.side,
      el("header", {}, el("h2", {}, words(shot.shot)), el("span", { class: `state ${look}` }, `${glyph} ${word}`)),
      clip ? el("div", { class: "acts" },
        act(who ? "Pick" : "Choose", "a", "main", () => this.pick()), act("Reject", "x", "", () => this.decisions.reject(this.shot, this.clip)),
        act(shot.basket ? "Out of basket" : `Retake${price ? ` ${price}` : ""}`, "r", "", () => this.decisions.retake(this.shot))) : null,
      this.drawWishes(shot),
      clip ? this.drawClip(clip) : null,
      who ? this.drawJoin(shot) : null,
      this.drawNotes(shot),
      shot.prompt ? el("details", { open: true }, el("summary", {}, "Prompt"), el("p", { class: "prompt" }, words(shot.prompt))) : null,
      shot.missing.length ? el("details", {}, el("summary", {}, "What the next render does"), el("ul", {}, shot.missing.map((one) => el("li", {}, words(`${one.take}: ${one.why}`))))) : null);
    if (before && before !== this.box) this.box.value = before.value;
    if (writing) {
      this.box.focus();
      this.box.setSelectionRange(...writing);
    }
  }

  drawWishes(shot) {
    if (!shot.wishes.length || (!this.decisions.producer && shot.wishes.every((one) => one.mine))) return null;
    const rows = shot.wishes.map((wish) => el("li", {}, words(wishText(wish, shot)),
      this.decisions.producer ? el("button", { type: "button", class: "plain", onclick: () => this.decisions.accept(this.shot, [wish]) }, "take over") : null));
    return el("section", { class: shot.conflict ? "conflict" : "" }, el("h3", {}, shot.conflict ? "⇄ They want different things" : "Wishes"), el("ul", {}, rows));
  }

  drawClip(clip) {
    const findings = clip.findings.map((one) => {
      const [sign, meaning] = FINDING[one.severity] || FINDING.note;
      const text = [el("b", {}, `${sign} ${meaning} `), words(one.message)];
      return el("li", { class: one.severity }, one.frame === null ? text : el("button", { type: "button", class: "plain", onclick: () => this.together.step(one.frame - this.together.frame) }, ...text, ` · f ${one.frame}`));
    });
    return el("section", {}, el("h3", {}, words(clip.name)),
      el("p", { class: "quiet" }, words([clip.model, clip.cost === undefined ? "" : `${clip.cost} USD`, clip.seed ? `seed ${clip.seed}` : ""].filter(Boolean).join(" · "))),
      findings.length ? el("ul", { class: "findings" }, findings) : null);
  }

  drawJoin(shot) {
    const name = (part) => `${shortName(shot, part.clip)} ${part.first}–${part.end - 1}`;
    if (!this.parts.length && !shot.joined) return null;
    const set = el("button", { type: "button", onclick: () => this.join() }, "Set", el("kbd", {}, "E"));
    return el("section", {}, el("h3", {}, "Join"),
      this.parts.length ? el("p", {}, words(this.parts.map(name).join("  +  ")), " ", set, el("button", { type: "button", class: "plain", onclick: () => {
        this.parts = [];
        this.drawSide();
      } }, "clear")) : el("p", {}, `The shot stands as ${shot.cut.length} parts. `, el("button", { type: "button", class: "plain", onclick: () => this.decisions.join(this.shot, []) }, "one clip again")));
  }

  drawNotes(shot) {
    const notes = [...shot.notes].sort((a, b) => a.body.frame - b.body.frame).map((note) => {
      const clip = shot.clips.find((one) => one.id === note.clip);
      return el("li", {}, el("button", { type: "button", class: "plain go", onclick: () => this.toNote(note) }, `${clip ? shortName(shot, clip) : "?"} f ${note.body.frame}`),
        el("span", {}, el("span", { class: "quiet" }, words(note.who || ROLES[note.role]), " "), words(note.body.text), note.body.drawing || note.body.pin ? " ✎" : ""),
        el("button", { type: "button", class: "plain", "aria-label": "erase this note", onclick: () => this.decisions.erase(this.shot, note) }, "✕"));
    });
    this.box = el("textarea", { rows: 2, maxlength: 4000, "aria-label": "note at this frame", placeholder: "Note at this frame (n). Enter keeps it." , onkeydown: (event) => {
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        this.keepNote();
      }
    } });
    return this.clip ? el("section", {}, el("h3", {}, "Notes"), notes.length ? el("ul", { class: "notes" }, notes) : null, this.box,
      el("div", { class: "row" }, el("button", { type: "button", onclick: () => this.keepNote() }, "Keep note"), el("button", { type: "button", onclick: () => this.startDrawing() }, "Pin, draw", el("kbd", {}, "g")))) : null;
  }

  async toNote(note) {
    if (note.clip !== this.clip.id) await this.show(note.clip);
    await this.together.step(note.body.frame - this.together.frame);
    this.stood(this.together.frame);
  }

  async keepNote() {
    const text = this.box.value.trim();
    if (!text) {
      say("A note needs words.");
      return;
    }
    const body = { text, frame: this.together.frame, ...this.drawing.result() };
    this.box.value = "";
    this.box.blur();
    if (await this.decisions.note(this.shot, this.clip, body)) this.drawing.clear();
    this.drawSide();
    this.stood(this.together.frame);
  }

  startDrawing() {
    if (!this.together) return;
    this.together.pause();
    this.drawing.start();
    say("Draw, or move the pin with the arrows; Enter goes to the note, Esc leaves it.");
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
    const frame = this.together.frame;
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

  // true where the key meant something here
  pressed(event) {
    const { key, shiftKey: shift } = event;
    const far = shift ? 10 : 1;
    if (this.drawing.active) {
      const way = { ArrowLeft: [-0.02, 0], ArrowRight: [0.02, 0], ArrowUp: [0, -0.02], ArrowDown: [0, 0.02] }[key];
      if (way) this.drawing.nudge(...way);
      else if (key === "Enter") this.box.focus();
      else if (key === "Escape") this.drawing.clear();
      else return false;
      return true;
    }
    if (/^[1-8]$/.test(key)) return this.done(this.take(Number(key)));
    const acts = {
      " ": () => this.toggle(), k: () => (this.together.playing ? this.toggle() : null), l: () => this.toggle(this.together.playing ? Math.min(4, this.together.speed * 2) : 1),
      j: () => this.together.step(-far), ",": () => this.together.step(-1), ".": () => this.together.step(1), ArrowLeft: () => this.together.step(-far), ArrowRight: () => this.together.step(far),
      Home: () => this.together.step(-this.film.frames), End: () => this.together.step(this.film.frames), m: () => this.hear(), v: () => this.cycle(), w: () => this.compare("wipe"),
      d: () => this.compare("difference"), "[": () => this.wiped(this.wipe - 5), "]": () => this.wiped(this.wipe + 5), c: () => this.inContext(false), C: () => this.inContext(true),
      x: () => this.decisions.reject(this.shot, this.clip), r: () => this.decisions.retake(this.shot), y: () => this.decisions.accept(this.shot, this.shot.wishes.filter((one) => !one.mine)),
      i: () => this.point(0), o: () => this.point(1), I: () => this.whole(), e: () => this.add(), E: () => this.join(), g: () => this.startDrawing(), n: () => this.box && this.box.focus(),
      f: () => {
        this.filled = !this.filled;
        this.root.classList.toggle("filled", this.filled);
      },
      Tab: () => this.shown.length > 1 && this.activate(this.active + (shift ? this.shown.length - 1 : 1)),
    };
    const waits = !this.film && !"xrynCc".includes(key);
    if (acts[key] && waits && this.panes.length && key !== "Tab") {
      this.early.push({ key, shiftKey: shift });
      return this.done(this.catchUp());
    }
    if (!acts[key] || waits || (key === "Tab" && (this.shown.length < 2 || !this.stage.contains(document.activeElement) && document.activeElement !== document.body && document.activeElement.id !== "main"))) return false;
    return this.done(acts[key]());
  }

  // keys that came before the film did
  async catchUp() {
    const begun = this.begun;
    await begun;
    if (begun !== this.begun) {
      await this.catchUp();
      return;
    }
    if (this.gone || !this.film) return;
    for (const event of this.early.splice(0)) this.pressed(event);
  }

  done(work) {
    if (work && work.catch) work.catch((error) => say(error.message));
    return true;
  }
}
