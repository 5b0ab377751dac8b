// What lies over the page: the keys, and the basket.

import { el, fill, say, words } from "./dom.js";

export const KEYS = [
  ["All shots", [["← ↑ → ↓", "go from take to take"], ["Enter", "open the shot"], ["/", "filter"], ["b", "basket"], ["R", "read the project again"]]],
  ["Look", [["Space", "play, pause"], ["← →  or  , .", "one frame back, on"], ["Shift ← →", "ten frames"], ["Home End", "first, last frame"], ["j k l", "backwards, stop, forwards (again: faster)"],
    ["c", "in context, with the shots before and after"], ["C", "the whole sequence"], ["m", "sound"], ["f", "frame filled"]]],
  ["Compare", [["1 … 9", "this take"], ["v", "one, two, four side by side"], ["Tab", "the next picture"], ["w", "wipe: [ ] move it"], ["d", "difference"]]],
  ["Decide", [["a", "pick, and on to the next shot"], ["x", "reject"], ["r", "retake: into the basket, with its price"], ["y", "take over what the client wants"], ["u", "undo"],
    ["↑ ↓", "shot before, next shot"]]],
  ["Cut", [["i o", "in and out of this take"], ["I", "whole take again"], ["e", "add in to out to a join"], ["E", "set the join"]]],
  ["Say", [["n", "note at this frame"], ["g", "pin and draw: arrows move the pin, Enter goes to the note"], ["Esc", "back"]]],
];

function dialog(title, ...children) {
  const layer = document.getElementById("layer");
  const before = document.activeElement;
  const box = el("dialog", { "aria-label": title, onclose: () => {
    layer.replaceChildren();
    if (before && before.isConnected) before.focus();
  } });
  fill(box, el("header", {}, el("h2", {}, title), el("button", { type: "button", class: "plain", onclick: () => box.close() }, "Close")), ...children);
  fill(layer, box);
  box.showModal();
  return box;
}

export function showKeys() {
  const groups = KEYS.map(([title, keys]) => el("section", {}, el("h3", {}, title),
    el("dl", {}, keys.flatMap(([key, what]) => [el("dt", {}, key), el("dd", {}, what)]))));
  dialog("Keys", el("div", { class: "keys" }, groups));
}

export function showBasket(store, decisions) {
  const box = dialog("Basket");
  const body = el("div", { class: "basket" });
  box.append(body);
  const draw = () => {
    const { basket, shots, finals } = store.prices;
    const keys = store.state.basket;
    const rows = keys.map((key) => {
      const shot = store.shot(key);
      const told = shots[key];
      const price = told ? (told.takes ? `${told.takes} take${told.takes > 1 ? "s" : ""}, ${told.usd} USD` : told.blocked || "nothing to buy") : "…";
      return el("li", {}, words(shot ? shot.shot : key), el("span", { class: "price" }, words(price)),
        el("button", { type: "button", class: "plain", onclick: () => shot && decisions.retake(shot), "aria-label": `take ${shot ? shot.shot : key} out` }, "✕"));
    });
    const sums = basket.map((one) => el("p", {}, el("strong", {}, `${one.usd} USD`), ` for ${one.takes} takes of `, words(one.file), one.all_takes > one.takes ? `; the next render buys ${one.all_takes} takes for ${one.all_usd} USD in all` : "",
      ". ", one.fits ? el("span", { class: "pick" }, "✓ fits under the cap") : el("span", { class: "reject" }, "✕ does not fit under the cap")));
    const drafts = finals.map((one) => el("p", {}, el("strong", {}, one.takes ? `${one.usd || "?"} USD` : "No draft is picked"), one.takes ? ` for ${one.takes} picked draft${one.takes > 1 ? "s" : ""} in full quality: ` : " of ",
      one.takes ? el("code", {}, words(one.command)) : words(one.file)));
    const help = basket.flatMap((one) => one.fits ? [] : one.remedies).map((text) => el("p", { class: "quiet" }, words(text)));
    const order = el("button", { type: "button", class: "main", disabled: !keys.length, onclick: async () => {
      try {
        const ordered = await store.order();
        fill(body, el("p", {}, "Marked. Nothing is bought yet; this buys it, under the cap:"), ...ordered.map((one) => el("pre", { tabindex: 0 }, one.command)));
        stop();
      } catch (error) {
        say(error.message);
      }
    } }, "Mark for retake");
    fill(body, keys.length ? el("ul", {}, rows) : el("p", { class: "quiet" }, "Empty. `r` puts a shot in."), sums, help, order, drafts, el("p", { class: "quiet" }, "This page spends nothing: it says the command to type."));
  };
  const listener = () => draw();
  const stop = () => (store.listeners = store.listeners.filter((one) => one !== listener));
  store.listeners.push(listener);
  box.addEventListener("close", stop);
  draw();
}
