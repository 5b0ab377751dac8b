// What each key does at a shot, in the order in which keys were pressed, however long films take to come. Methods of Viewer.

import { say } from "./dom.js";

const AT_ONCE = ["n", "g", "/", "?", "b"];

export const KEYBOARD = {
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
    if (/^[1-9]$/.test(key)) return this.done(this.take(Number(key)));
    const acts = {
      " ": () => this.toggle(), k: () => (this.together.playing ? this.toggle() : null), l: () => this.toggle(this.together.playing ? Math.min(4, this.together.speed * 2) : 1),
      j: () => this.together.step(-far), ",": () => this.together.step(-1), ".": () => this.together.step(1), ArrowLeft: () => this.together.step(-far), ArrowRight: () => this.together.step(far),
      Home: () => this.together.step(-this.film.frames), End: () => this.together.step(this.film.frames), m: () => this.hear(), v: () => this.cycle(), w: () => this.compare("wipe"),
      d: () => this.compare("difference"), "[": () => this.wiped(this.wipe - 5), "]": () => this.wiped(this.wipe + 5), c: () => this.inContext(false), C: () => this.inContext(true),
      x: () => this.clip && this.decisions.reject(this.shot, this.clip), r: () => this.decisions.retake(this.shot), y: () => this.decisions.accept(this.shot, this.shot.wishes.filter((one) => !one.mine)),
      i: () => this.point(0), o: () => this.point(1), I: () => this.whole(), e: () => this.add(), E: () => this.join(), g: () => this.clip && this.startDrawing(), n: () => this.box && this.box.focus(),
      f: () => {
        this.filled = !this.filled;
        this.root.classList.toggle("filled", this.filled);
      },
      Tab: () => this.shown.length > 1 && this.activate(this.active + (shift ? this.shown.length - 1 : 1)),
    };
    const waits = !this.loaded && !"xryngCc".includes(key);
    if (acts[key] && waits && !this.broken && this.panes.length && key !== "Tab") {
      this.early.push({ key, shiftKey: shift });
      return this.done(this.catchUp());
    }
    if (!acts[key] || waits || (key === "Tab" && (this.shown.length < 2 || !this.stage.contains(document.activeElement) && document.activeElement !== document.body && document.activeElement.id !== "main"))) return false;
    return this.done(acts[key]());
  },

  // a key that comes while others wait for their film waits behind them; but not one after which words are written, which would be taken for keys
  later(event) {
    if (!this.early.length || this.drawing.active || AT_ONCE.includes(event.key)) return false;
    this.early.push({ key: event.key, shiftKey: event.shiftKey });
    return true;
  },

  // keys that came before the film did
  async catchUp() {
    const begun = this.begun;
    await begun;
    if (begun !== this.begun) {
      await this.catchUp();
      return;
    }
    if (this.gone || !this.loaded) return;
    for (const event of this.early.splice(0)) event.words ? this.done(this.keep(event.words)) : this.does(event);
  },

  done(work) {
    if (work && work.catch) work.catch((error) => say(error.message));
    return true;
  },
};
