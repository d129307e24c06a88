// Live captions: what was heard, then the sentence that sounds, marked in the answer too.

import { place } from "./voice_words.js";

const $ = (selector) => document.querySelector(selector);
const marks = window.CSS?.highlights && window.Highlight ? new Highlight() : null;
if (marks) CSS.highlights.set("spoken", marks);

let waiting = []; // timers of sentences that are still to sound
let sounding = ""; // the sentence that is marked
let from = 0; // how many words of the answer are spoken already

export const captions = {
  /** Keeps the place for what will be said. */
  wait() {
    show("", "What you say, and what the teacher says, is written here.");
  },

  /** What the learner said. */
  heard(words) {
    this.clear();
    show("You", words);
  },

  /** A sentence sounds `startsIn` seconds from now, for `seconds`. */
  sentence(words, startsIn = 0, seconds = 0) {
    if (!waiting.length && !sounding) from = 0;
    waiting.push(setTimeout(() => begin(words), startsIn * 1000));
    waiting.push(setTimeout(() => end(words), (startsIn + seconds) * 1000));
  },

  /** Nothing sounds any more. */
  clear() {
    waiting.forEach(clearTimeout);
    waiting = [];
    from = 0;
    end(sounding);
  },

  hide() {
    this.clear();
    const line = $("#talk-panel .caption");
    if (line) line.hidden = true;
  },
};

function show(who, words) {
  const line = $("#talk-panel .caption");
  if (!line) return;
  line.hidden = false;
  line.dataset.who = who;
  line.querySelector("b").textContent = who;
  line.querySelector("span").textContent = words;
}

function begin(words) {
  sounding = words;
  show("Teacher", words);
  mark();
}

function end(words) {
  if (words !== sounding) return; // the next one has begun
  sounding = "";
  marks?.clear();
}

/** Marks the sentence in the last answer. Gradio draws that anew while it grows, so this is done again. */
function mark() {
  if (!marks) return;
  marks.clear();
  const answer = [...document.querySelectorAll("#chat .bot.message")].at(-1);
  if (!sounding || !answer) return;
  const found = place(answer, sounding, from);
  if (!found) return;
  marks.add(found.range);
  from = Math.max(from, found.first);
}

new MutationObserver(() => sounding && mark()).observe(document.body, { childList: true, subtree: true });
