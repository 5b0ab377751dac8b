// One film that stands on exactly the frame it is asked for, and several that play as one: the first leads, the others follow.

import { clamp, frameAt, frameWithin, timeOf } from "./frames.js";

const SETTLE_MS = 400;

export class Film {
  constructor(clip, facts, source) {
    this.clip = clip;
    this.rate = facts.fps;
    this.frames = facts.frames;
    this.frame = -1;
    this.onframe = () => {};
    this.video = document.createElement("video");
    Object.assign(this.video, { muted: true, playsInline: true, preload: "auto", disablePictureInPicture: true, src: source });
    this.video.setAttribute("aria-label", clip.name);
    this.video.tabIndex = -1;
    this.waiting = null;
    this.broken = false;
    this.onbroken = () => {};
    this.video.addEventListener("error", () => this.fail());
    this.listen();
  }

  // its file can't be had or played: nothing waits for a frame of it
  fail() {
    if (!this.video.getAttribute("src")) return;
    this.broken = true;
    if (this.waiting) this.arrive(this.frame);
    this.onbroken();
  }

  // the frame that stands on the screen is the one that the browser says it presented, not the one that was asked for
  listen() {
    if (!this.video.requestVideoFrameCallback) {
      this.video.addEventListener("seeked", () => this.presented(frameWithin(this.video.currentTime, this.rate)));
      return;
    }
    const heard = (_now, told) => {
      this.presented(frameAt(told.mediaTime, this.rate));
      this.video.requestVideoFrameCallback(heard);
    };
    this.video.requestVideoFrameCallback(heard);
  }

  presented(frame) {
    this.frame = frame;
    this.video.dataset.frame = String(frame);
    this.onframe(frame);
    if (this.waiting && this.waiting.frame === frame) this.arrive(frame);
  }

  arrive(frame) {
    const { resolve, timer } = this.waiting;
    clearTimeout(timer);
    this.waiting = null;
    resolve(frame);
  }

  // the frame that is shown in the end: `frame`, unless the film has no such frame
  async seek(frame) {
    const wanted = clamp(Math.round(frame), 0, this.frames - 1);
    if (this.waiting) this.arrive(this.frame);
    if (this.broken) return this.frame;
    if (wanted === this.frame && !this.video.seeking) return wanted;
    return new Promise((resolve) => {
      const tried = (again) => setTimeout(() => {
        if (!this.waiting || this.waiting.frame !== wanted) return;
        const loading = this.video.seeking || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA; // a proxy that is made only now takes a while
        if (loading || !again) {
          if (loading) this.waiting.timer = tried(again);
          else this.arrive(this.frame);
          return;
        }
        this.video.currentTime = timeOf(wanted, this.rate) + (again % 2 ? 1e-4 : 0);
        this.waiting.timer = tried(again - 1);
      }, SETTLE_MS);
      this.waiting = { frame: wanted, resolve, timer: 0 };
      this.waiting.timer = tried(3);
      this.video.currentTime = timeOf(wanted, this.rate);
    });
  }

  release() {
    this.video.pause();
    this.video.removeAttribute("src");
    this.video.load();
  }
}

export class Together {
  constructor(films) {
    this.films = films;
    this.playing = false;
    this.loop = true;
    this.range = null;
    this.speed = 1;
    this.onframe = () => {};
    this.lead.onframe = (frame) => this.led(frame);
  }

  get lead() {
    return this.films[0];
  }

  get frame() {
    return Math.max(0, this.lead.frame);
  }

  // the frame that stands, or is on its way
  get aim() {
    return this.lead.waiting ? this.lead.waiting.frame : this.frame;
  }

  get from() {
    return this.range ? this.range[0] : 0;
  }

  get end() {
    return this.range ? Math.min(this.range[1], this.lead.frames) : this.lead.frames;
  }

  // the same moment in a film of another rate
  same(film, frame) {
    return film === this.lead ? frame : frameWithin(timeOf(frame, this.lead.rate), film.rate);
  }

  led(frame) {
    if (this.playing) {
      for (const film of this.films.slice(1)) this.follow(film, frame);
      if (frame >= this.end - 1) this.ended();
    }
    this.onframe(frame);
  }

  follow(film, frame) {
    const off = film.frame - this.same(film, frame);
    if (Math.abs(off) > 3) film.video.currentTime = timeOf(this.same(film, frame) + 1, film.rate);
    film.video.playbackRate = this.speed * (off > 0 ? 0.85 : off < 0 ? 1.15 : 1);
  }

  async ended() {
    if (!this.loop) {
      await this.pause();
      return;
    }
    await this.seek(this.from);
    if (this.playing) this.start();
  }

  async seek(frame) {
    await Promise.all(this.films.map((film) => film.seek(this.same(film, frame))));
    return this.frame;
  }

  start() {
    for (const film of this.films) {
      film.video.playbackRate = this.speed;
      film.video.play().catch(() => {});
    }
  }

  async play(speed) {
    this.speed = speed || 1;
    if (this.frame >= this.end - 1 || this.frame < this.from) await this.seek(this.from);
    this.playing = true;
    this.start();
  }

  // all stand on the same moment again, to the frame
  async pause() {
    this.playing = false;
    for (const film of this.films) film.video.pause();
    const at = clamp(this.frame, 0, this.lead.frames - 1);
    for (const film of this.films) film.frame = film === this.lead ? film.frame : -1;
    await this.seek(at);
  }

  async step(by) {
    if (this.playing) await this.pause();
    return this.seek(clamp(this.aim + by, 0, this.lead.frames - 1));
  }

  hear(film, on) {
    for (const one of this.films) one.video.muted = !(on && one === film);
  }

  release() {
    for (const film of this.films) film.release();
  }
}
