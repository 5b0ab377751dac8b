// Decisions of a shot and what takes each back. Nothing here buys: a retake goes into the basket, and the basket says the command to type.

import { say } from "./dom.js";

export class Decisions {
  constructor(store) {
    this.store = store;
  }

  get producer() {
    return this.store.state.role === "producer";
  }

  mine(shot, kind, clip) {
    if (!this.producer) return shot.wishes.find((wish) => (wish.mine || wish.role === this.store.state.role) && wish.kind === kind && (!clip || wish.clip === clip.id));
    return undefined;
  }

  async make(shot, decision, inverse, done) {
    try {
      await this.store.decide(shot, decision, inverse);
      say(done);
      return true;
    } catch (error) {
      const why = error instanceof TypeError ? "callsheet doesn't answer: is `callsheet review` still running?" : error.message;
      say(`${shot.shot} is undecided: ${why}${error.help ? ` (${error.help})` : ""}`);
      return false;
    }
  }

  pick(shot, clip) {
    const before = this.producer ? shot.clips.find((one) => one.picked) : shot.clips.find((one) => this.mine(shot, "pick", one));
    const inverse = () => (before && before !== clip ? { kind: "pick", clip: before.id } : { kind: "unpick", clip: clip.id });
    return this.make(shot, { kind: "pick", clip: clip.id }, inverse, `${clip.name} is ${this.producer ? "picked" : "your choice"}.`);
  }

  reject(shot, clip) {
    const rejected = this.producer ? clip.rejected : Boolean(this.mine(shot, "reject", clip));
    const [kind, back] = rejected ? ["unreject", "reject"] : ["reject", "unreject"];
    return this.make(shot, { kind, clip: clip.id }, () => ({ kind: back, clip: clip.id }), `${clip.name} is ${rejected ? "not rejected any more" : "rejected"}.`);
  }

  retake(shot) {
    if (!this.producer) {
      const wanted = Boolean(this.mine(shot, "retake"));
      const [kind, back] = wanted ? ["unretake", "retake"] : ["retake", "unretake"];
      return this.make(shot, { kind }, () => ({ kind: back }), wanted ? "No retake any more." : `You want a retake of ${shot.shot}.`);
    }
    const [kind, back] = shot.basket ? ["unbasket", "basket"] : ["basket", "unbasket"];
    const price = this.price(shot);
    const done = shot.basket ? `${shot.shot} is out of the basket.` : `${shot.shot} is in the basket${price ? `: ${price}` : ""}. Nothing is bought yet.`;
    return this.make(shot, { kind }, () => ({ kind: back }), done);
  }

  // as the next plan would say it
  price(shot) {
    const told = this.store.prices.shots[shot.key];
    if (!told) return "";
    return told.takes ? `${told.usd} USD` : told.blocked ? `can't be bought: ${told.blocked}` : "";
  }

  trim(shot, clip, range) {
    const before = clip.trim;
    const body = (span) => (span ? { first: span[0], end: span[1] } : {});
    const done = range ? `${clip.name} stands with frames ${range[0]} to ${range[1] - 1} (${range[1] - range[0]}).` : `${clip.name} stands as its row says.`;
    return this.make(shot, { kind: "trim", clip: clip.id, body: body(range) }, () => ({ kind: "trim", clip: clip.id, body: body(before) }), done);
  }

  join(shot, parts) {
    const body = parts.length ? { parts: parts.map((part) => ({ attempt: part.clip.id, first: part.first, end: part.end })) } : {};
    const picked = shot.clips.find((one) => one.picked);
    const back = () => (picked ? { kind: "pick", clip: picked.id } : { kind: "join", body: {} });
    return this.make(shot, { kind: "join", body }, back, parts.length ? `${shot.shot} is joined of ${parts.length} parts.` : `${shot.shot} is one clip again.`);
  }

  note(shot, clip, body) {
    return this.make(shot, { kind: "note", clip: clip.id, body }, (made) => ({ kind: "erase", clip: clip.id, body: { note: made.uid } }), `Noted at frame ${body.frame}.`);
  }

  erase(shot, note) {
    const back = () => ({ kind: "note", clip: note.clip, body: note.body });
    return this.make(shot, { kind: "erase", clip: note.clip, body: { note: note.uid } }, back, "The note is gone.");
  }

  // what a client wants becomes the producer's word
  async accept(shot, wishes) {
    const wanted = new Set(wishes.filter((wish) => wish.kind !== "reject").map((wish) => wish.clip || "retake"));
    if (wanted.size > 1) {
      say("The clients want different things: take one of them over.");
      return false;
    }
    for (const wish of wishes) {
      const clip = shot.clips.find((one) => one.id === wish.clip);
      const now = this.store.shot(shot.key);
      if (wish.kind === "pick" && clip && !(await this.pick(now, clip))) return false;
      if (wish.kind === "reject" && clip && !clip.rejected && !(await this.reject(now, clip))) return false;
      if (wish.kind === "retake" && !now.basket && !(await this.retake(now))) return false;
    }
    return true;
  }

  async undo() {
    try {
      const last = await this.store.undo();
      say(last ? "Taken back." : "Nothing to take back.");
    } catch (error) {
      say(error.message);
    }
  }
}
