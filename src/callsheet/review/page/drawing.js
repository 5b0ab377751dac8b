// Lines and a pin on a frame, in coordinates from 0 to 1, so that they stand in the same place at any size.

import { svg } from "./dom.js";
import { clamp } from "./frames.js";

export class Drawing {
  constructor() {
    this.root = svg("svg", { viewBox: "0 0 1 1", preserveAspectRatio: "none", class: "drawing", "aria-hidden": "true" });
    this.active = false;
    this.strokes = [];
    this.pin = null;
    this.line = null;
    this.root.addEventListener("pointerdown", (event) => this.begin(event));
    this.root.addEventListener("pointermove", (event) => this.move(event));
    this.root.addEventListener("pointerup", () => (this.line = null));
  }

  at(event) {
    const box = this.root.getBoundingClientRect();
    return [clamp((event.clientX - box.left) / box.width, 0, 1), clamp((event.clientY - box.top) / box.height, 0, 1)].map((one) => Math.round(one * 1e4) / 1e4);
  }

  begin(event) {
    if (!this.active) return;
    event.preventDefault();
    this.root.setPointerCapture(event.pointerId);
    this.line = [this.at(event)];
    this.strokes.push(this.line);
    this.show(this.strokes, this.pin);
  }

  move(event) {
    if (!this.line) return;
    this.line.push(this.at(event));
    this.show(this.strokes, this.pin);
  }

  // the pin by keys: two hundredths of the picture at a time
  nudge(x, y) {
    const [left, top] = this.pin || [0.5, 0.5];
    this.pin = [clamp(left + x, 0, 1), clamp(top + y, 0, 1)].map((one) => Math.round(one * 1e4) / 1e4);
    this.show(this.strokes, this.pin);
  }

  start() {
    this.active = true;
    this.root.classList.add("active");
    this.pin = this.pin || [0.5, 0.5];
    this.show(this.strokes, this.pin);
  }

  clear() {
    this.active = false;
    this.root.classList.remove("active");
    this.strokes = [];
    this.pin = null;
    this.show([], null);
  }

  // a single point of a stroke is a click: that is where the pin goes
  result() {
    const lines = this.strokes.filter((stroke) => stroke.length > 1);
    const dot = this.strokes.filter((stroke) => stroke.length === 1).pop();
    const pin = dot ? dot[0] : this.pin;
    return { ...(pin ? { pin } : {}), ...(lines.length ? { drawing: lines } : {}) };
  }

  show(strokes, pin) {
    this.root.replaceChildren();
    for (const stroke of strokes) {
      this.root.append(svg("polyline", { points: stroke.map(([x, y]) => `${x},${y}`).join(" "), "vector-effect": "non-scaling-stroke" }));
    }
    if (pin) {
      const [x, y] = pin;
      this.root.append(svg("path", { d: `M${x - 0.02} ${y}H${x + 0.02}M${x} ${y - 0.03}V${y + 0.03}`, "vector-effect": "non-scaling-stroke" }));
    }
  }
}
