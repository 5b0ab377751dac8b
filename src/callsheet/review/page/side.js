// What stands beside the pictures: what can be decided, wishes, findings, the join and the notes. Methods of Viewer.

import { el, fill, say, words } from "./dom.js";
import { FINDING, ROLES, shortName, standing, wishText } from "./words.js";

export const SIDE = {
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
    const to = (arrow, name, key) => el("button", { type: "button", class: "plain", title: name, "aria-label": name, onclick: () => this.does({ key }) }, arrow);
    fill(this.side,
      el("header", {}, el("h2", {}, words(shot.shot)), el("span", { class: `state ${look}` }, `${glyph} ${word}`),
        el("span", { class: "acts" }, to("↑", "the shot before", "ArrowUp"), to("↓", "the next shot", "ArrowDown"))),
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
  },

  drawWishes(shot) {
    if (!shot.wishes.length || (!this.decisions.producer && shot.wishes.every((one) => one.mine))) return null;
    const rows = shot.wishes.map((wish) => el("li", {}, words(wishText(wish, shot)),
      this.decisions.producer ? el("button", { type: "button", class: "plain", onclick: () => this.decisions.accept(this.shot, [wish]) }, "take over") : null));
    return el("section", { class: shot.conflict ? "conflict" : "" }, el("h3", {}, shot.conflict ? "⇄ They want different things" : "Wishes"), el("ul", {}, rows));
  },

  drawClip(clip) {
    const findings = clip.findings.map((one) => {
      const [sign, meaning] = FINDING[one.severity] || FINDING.note;
      const text = [el("b", {}, `${sign} ${meaning} `), words(one.message)];
      return el("li", { class: one.severity }, one.frame === null ? text : el("button", { type: "button", class: "plain", onclick: () => this.together.step(one.frame - this.together.frame) }, ...text, ` · f ${one.frame}`));
    });
    return el("section", {}, el("h3", {}, words(clip.name)),
      el("p", { class: "quiet" }, words([clip.model, clip.cost === undefined ? "" : `${clip.cost} USD`, clip.seed ? `seed ${clip.seed}` : ""].filter(Boolean).join(" · "))),
      clip.older ? el("p", { class: "quiet" }, "Made for the shot as it was written before.") : null,
      findings.length ? el("ul", { class: "findings" }, findings) : null);
  },

  drawJoin(shot) {
    const name = (part) => `${shortName(shot, part.clip)} ${part.first}–${part.end - 1}`;
    if (!this.parts.length && !shot.joined) return null;
    const set = el("button", { type: "button", onclick: () => this.join() }, "Set", el("kbd", {}, "E"));
    return el("section", {}, el("h3", {}, "Join"),
      this.parts.length ? el("p", {}, words(this.parts.map(name).join("  +  ")), " ", set, el("button", { type: "button", class: "plain", onclick: () => {
        this.parts = [];
        this.drawSide();
      } }, "clear")) : el("p", {}, `The shot stands as ${shot.cut.length} parts. `, el("button", { type: "button", class: "plain", onclick: () => this.decisions.join(this.shot, []) }, "one clip again")));
  },

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
  },

  async toNote(note) {
    if (note.clip !== this.clip.id) await this.show(note.clip);
    await this.together.step(note.body.frame - this.together.frame);
    this.stood(this.together.frame);
  },

  async keepNote() {
    const text = this.box.value.trim();
    if (!text) {
      say("A note needs words.");
      return;
    }
    this.box.value = "";
    this.box.blur();
    if (this.broken || (this.loaded && !this.early.length)) await this.keep(text);
    else {
      this.early.push({ words: text }); // it belongs to the frame that the keys before it lead to
      await this.catchUp();
    }
  },

  async keep(text) {
    const body = { text, frame: this.broken ? 0 : this.together.aim, ...this.drawing.result() };
    if (await this.decisions.note(this.shot, this.clip, body)) this.drawing.clear();
    this.drawSide();
    if (!this.broken) this.stood(this.together.frame);
  },

  startDrawing() {
    if (this.together) this.together.pause();
    this.drawing.start();
    say("Draw, or move the pin with the arrows; Enter goes to the note, Esc leaves it.");
  },
};
