// What the room page shows of the conversation: bubbles, and the words of the voice as they are spoken.

import { markdown } from "/ours/static/room_markdown.js";

const at = (id) => document.getElementById(id);
const open = new Map(); // answers that are still being told: turn -> [bubble, text]
let showing = [];
let captions = [];
let spoke = 0;
const since = () => (performance.now() - spoke) / 1000;

// The newest message stays in sight, unless somebody has scrolled back to read. A sheet that opens and a
// keyboard that comes up change the size of the list.
const list = at("talked");
let following = true;
const follow = () => { if (following) list.scrollTop = list.scrollHeight; };
list.addEventListener("scroll", () => { following = list.scrollHeight - list.scrollTop - list.clientHeight < 40; });
new ResizeObserver(follow).observe(list);

/** Adds a message to the conversation. */
export function bubble(kind, text) {
  const item = document.createElement("li");
  item.className = kind;
  item.replaceChildren(...(kind === "teacher" ? markdown(text) : [text]));
  list.append(item);
  following ||= kind === "learner";
  follow();
  return item;
}

/** Shows the answer of a turn: what it is, or what it grows by. */
export function answer(turn, text, { grows = false } = {}) {
  const [item, before] = open.get(turn) ?? [bubble("teacher", ""), ""];
  const words = grows ? before + text : text;
  item.replaceChildren(...markdown(words));
  open.set(turn, [item, words]);
  follow();
}

/** Nothing more comes of this turn. */
export const told = (turn) => open.delete(turn);

function show(caption) {
  const spans = caption.words.map((word) => Object.assign(document.createElement("span"), { textContent: `${word.text} ` }));
  const wait = (seconds, work) => showing.push(setTimeout(work, Math.max(0, seconds * 1000)));
  wait(caption.at - since(), () => at("caption").replaceChildren(...spans));
  caption.words.forEach((word, n) => {
    wait(caption.at + word.start - since(), () => spans.forEach((span, m) => span.classList.toggle("now", m === n)));
  });
  wait(caption.at + caption.seconds + 1 - since(), () => { if (spans[0]?.isConnected) at("caption").replaceChildren(); });
}

/** A sentence that will be heard. */
export function caption(sentence) {
  if (spoke) show(sentence);
  else captions.push(sentence);
}

/** The first sound of an answer: captions count from here. */
export function speaking() {
  spoke = performance.now();
  captions.forEach(show);
  captions = [];
}

/** No more is spoken of the answer before. */
export function hush() {
  showing.forEach(clearTimeout);
  showing = [];
  captions = [];
  spoke = 0;
  at("caption").replaceChildren();
}
