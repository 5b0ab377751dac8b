// All shots with their takes.

import { el, fill, sign, words } from "./dom.js";
import { clipStanding, standing, takeName, wishText } from "./words.js";

export class Grid {
  constructor(store, open) {
    this.store = store;
    this.open = open;
    this.filter = "";
    this.root = el("div", { class: "grid" });
  }

  get shots() {
    const wanted = this.filter.trim().toLowerCase().split(/\s+/).filter(Boolean);
    return this.store.state.shots.filter((shot) => {
      const text = [shot.key, shot.sequence, shot.prompt, standing(shot)[1], ...shot.clips.map((clip) => clip.name)].join(" ").toLowerCase();
      return wanted.every((word) => text.includes(word));
    });
  }

  draw() {
    const at = document.activeElement && document.activeElement.dataset ? document.activeElement.dataset.at : null;
    const groups = new Map();
    for (const shot of this.shots) groups.set(shot.sequence, [...(groups.get(shot.sequence) || []), shot]);
    const sections = [...groups].map(([sequence, shots]) =>
      el("section", {}, el("h2", {}, words(sequence || "no sequence"), el("span", { class: "quiet" }, ` ${shots.length} shot${shots.length > 1 ? "s" : ""}`)),
        el("div", { class: "shots" }, ...shots.map((shot) => this.card(shot)))));
    const nothing = this.store.state.shots.length ? "No shot reads like that." : "Nothing to look at yet: `callsheet check` tells whether the list can be read, `callsheet render` buys the first takes.";
    const notes = (this.store.state.notes || []).map((note) => el("p", { class: "quiet" }, words(note)));
    fill(this.root, notes, sections.length ? sections : el("p", { class: "quiet" }, nothing));
    if (at) this.focus(at);
  }

  focus(at) {
    const takes = this.takes();
    const same = takes.find((one) => one.dataset.at === at) || takes.find((one) => one.dataset.key === at.split(" ")[0]) || takes[0];
    if (same) same.focus();
  }

  takes() {
    return [...this.root.querySelectorAll("button.take")];
  }

  card(shot) {
    const [glyph, word, look] = standing(shot);
    const missing = shot.missing.length ? el("p", { class: "missing" }, words(`${shot.missing[0].take}: ${shot.missing[0].why}`)) : null;
    const others = shot.wishes.filter((one) => !one.mine).length;
    return el("article", { class: "shot", "data-key": shot.key },
      el("header", {}, el("h3", {}, words(shot.shot)), el("span", { class: `state ${look}` }, `${glyph} ${word}`),
        others ? el("span", { class: "wish" }, `◇ ${others} ${others > 1 ? "wishes" : "wish"}`) : null,
        shot.notes.length ? el("span", { class: "quiet", title: "notes" }, `✎ ${shot.notes.length}`) : null),
      el("div", { class: "takes" }, ...shot.clips.map((clip) => this.take(shot, clip)), shot.clips.length ? null : el("p", { class: "slate" }, "no clip yet")),
      shot.clips.length < shot.wanted ? missing : null);
  }

  take(shot, clip) {
    const [glyph, word, look] = clipStanding(shot, clip);
    const failing = clip.findings.filter((one) => one.severity !== "note").length;
    const wishes = shot.wishes.filter((one) => !one.mine && one.clip === clip.id).map((one) => wishText(one, shot));
    const more = [clip.name, failing ? `${failing} finding${failing > 1 ? "s" : ""}` : "", ...wishes].filter(Boolean).join(", ");
    return el("button", { class: `take ${look}`, type: "button", "data-key": shot.key, "data-clip": clip.id, "data-at": `${shot.key} ${clip.id}`,
      onclick: () => this.open(shot.key, clip.id) },
      el("img", { src: this.store.picture(clip), alt: "", loading: "lazy", decoding: "async", width: 320, height: 180,
        onerror: (event) => event.target.replaceWith(el("span", { class: "blank" }, "no picture: the clip can't be read")) }),
      el("span", { class: "label" }, words(takeName(shot, clip)), wishes.length ? el("b", { class: "wish", title: wishes.join("; "), "aria-hidden": true }, " ◇") : null, glyph ? el("b", { class: look }, sign(` ${glyph} `), word) : null,
        failing ? el("b", { class: "reject", "aria-hidden": true }, " ▲") : null, el("span", { class: "unseen" }, `, ${more}`)),
      clip.draft ? el("span", { class: "tag" }, "draft") : null);
  }

  // the take below or above: the nearest in the next row
  beside(from, down) {
    const here = from.getBoundingClientRect();
    const rows = this.takes().map((one) => [one, one.getBoundingClientRect()]).filter(([, box]) => (down ? box.top > here.bottom - 4 : box.bottom < here.top + 4));
    if (!rows.length) return null;
    const edge = down ? Math.min(...rows.map(([, box]) => box.top)) : Math.max(...rows.map(([, box]) => box.top));
    const near = rows.filter(([, box]) => Math.abs(box.top - edge) < 8);
    return near.sort((a, b) => Math.abs(a[1].left - here.left) - Math.abs(b[1].left - here.left))[0][0];
  }

  key(event) {
    const takes = this.takes();
    const at = takes.indexOf(document.activeElement);
    const go = (one) => {
      if (one) {
        one.focus();
        one.scrollIntoView({ block: "nearest" });
      }
      return true;
    };
    if (at < 0) return ["ArrowDown", "ArrowRight", "ArrowUp", "ArrowLeft", "Enter"].includes(event.key) ? go(takes[0]) : false;
    switch (event.key) {
      case "ArrowRight":
        return go(takes[at + 1]);
      case "ArrowLeft":
        return go(takes[at - 1]);
      case "ArrowDown":
        return go(this.beside(takes[at], true));
      case "ArrowUp":
        return go(this.beside(takes[at], false));
      default:
        return false;
    }
  }

  chosen() {
    const one = document.activeElement;
    if (!one || !one.dataset || !one.dataset.clip) return null;
    const shot = this.store.shot(one.dataset.key);
    return shot ? { shot, clip: shot.clips.find((clip) => clip.id === one.dataset.clip) } : null;
  }

  // the first take of the next shot
  advance(key) {
    const keys = this.shots.map((shot) => shot.key);
    const next = keys[keys.indexOf(key) + 1];
    if (next) this.focus(`${next} `);
  }
}
