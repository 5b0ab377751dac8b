// What stands under the pictures: the slider with its marks, and a button for each key. Methods of Viewer.

import { el, fill } from "./dom.js";

export const CONTROLS = {
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
  },

  hasSound(film) {
    const facts = this.store.facts.get(film.clip.sha256);
    return Boolean(facts && facts.sound);
  },
};
