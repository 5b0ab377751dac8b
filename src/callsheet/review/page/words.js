// What the page says of shots and clips, with a sign and a word each: colour never says it alone.

export function standing(shot) {
  if (shot.conflict) return ["⇄", "conflict", "conflict"];
  if (shot.basket) return ["↻", "in basket", "retake"];
  if (!shot.clips.length) return ["○", "no clip", "none"];
  if (shot.joined) return ["⧓", "joined", "pick"];
  if (shot.clips.some((clip) => clip.picked)) return ["✓", "picked", "pick"];
  if (shot.retaken && shot.clips.every((clip) => clip.retaken)) return ["↻", "retake", "retake"];
  if (shot.clips.every((clip) => clip.rejected)) return ["✕", "rejected", "reject"];
  const own = shot.wishes.find((wish) => wish.mine && wish.kind !== "reject");
  if (own) return own.kind === "pick" ? ["✓", "chosen", "pick"] : ["↻", "retake", "retake"];
  return ["◐", "to review", "wait"];
}

export function clipStanding(shot, clip) {
  const wish = shot.wishes.find((one) => one.mine && one.clip === clip.id);
  if (clip.picked || (wish && wish.kind === "pick")) return ["✓", wish ? "chosen" : "picked", "pick"];
  if (clip.rejected || (wish && wish.kind === "reject")) return ["✕", "rejected", "reject"];
  if (clip.retaken) return ["↻", "retaken", "retake"];
  if (clip.stands) return ["▸", "in the cut", "wait"];
  if (clip.older) return ["◌", "older", "wait"];
  return ["", "", ""];
}

export const ROLES = { producer: "Producer", "client-a": "Client A", "client-b": "Client B" };

export function wishText(wish, shot) {
  const clip = shot.clips.find((one) => one.id === wish.clip);
  const what = { pick: `wants ${clip ? clip.name : "a take"}`, reject: `rejects ${clip ? clip.name : "a take"}`, retake: "wants a retake" }[wish.kind];
  return `${wish.who || ROLES[wish.role]} ${what}`;
}

export const FINDING = { fail: ["✕", "fails"], warn: ["▲", "look"], note: ["·", "note"] };

// its take alone where the take has one clip
export function takeName(shot, clip) {
  const several = shot.clips.filter((one) => one.take === clip.take).length > 1;
  const attempt = clip.name.slice(clip.name.lastIndexOf(".a"));
  return `t${clip.take}${several ? attempt : ""}`;
}

export function shortName(shot, clip) {
  return `${takeName(shot, clip)}${clip.draft ? " draft" : ""}`;
}
