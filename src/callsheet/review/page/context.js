// Clips played one after the other as they stand in the cut: the end of the shot before, the shot, the beginning of the next.

import { el, fill } from "./dom.js";

export class Context {
  constructor(parts, stage, sound, onend) {
    this.parts = parts;
    this.stage = stage;
    this.sound = sound;
    this.onend = onend;
    this.at = -1;
    this.stopped = false;
    this.caption = el("p", { class: "caption" });
    this.videos = [this.make(), this.make()];
    fill(stage, el("div", { class: "pane context" }, ...this.videos, this.caption));
    this.load(0, this.videos[0]);
    this.next();
  }

  make() {
    const video = el("video", { tabindex: -1, "aria-hidden": "true" });
    Object.assign(video, { muted: !this.sound, playsInline: true, preload: "auto" });
    return video;
  }

  load(number, video) {
    const part = this.parts[number];
    if (part) {
      video.src = part.source;
      video.currentTime = part.from + 1e-3;
    }
  }

  // the next film waits on its first frame while this one plays
  next() {
    this.at += 1;
    const part = this.parts[this.at];
    if (!part || this.stopped) {
      this.stop();
      return;
    }
    const [video, other] = this.at % 2 ? [this.videos[1], this.videos[0]] : this.videos;
    other.pause();
    other.hidden = true;
    video.hidden = false;
    this.caption.textContent = part.name;
    video.play().catch(() => this.stop());
    this.load(this.at + 1, other);
    const check = () => {
      if (this.stopped || this.parts[this.at] !== part) return;
      if (video.ended || video.currentTime >= part.from + part.length - 0.02) this.next();
      else requestAnimationFrame(check);
    };
    requestAnimationFrame(check);
  }

  stop() {
    if (this.stopped) return;
    this.stopped = true;
    for (const video of this.videos) {
      video.pause();
      video.removeAttribute("src");
      video.load();
    }
    this.onend();
  }
}
