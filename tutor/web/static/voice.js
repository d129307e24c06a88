// Talking with the teacher: one button, and what it leads to. A live connection where there can be one,
// push-to-talk where there cannot. The parts: voice_check, voice_microphone, voice_line, voice_push,
// voice_captions, voice_aloud, voice_choices. What is shown is in voice_view.

import { hush, say } from "./voice_aloud.js";
import { captions } from "./voice_captions.js";
import { beforeMicrophone, microphoneObstacle, obstacle, serverObstacle } from "./voice_check.js";
import { chosen, showChoices, speedUp } from "./voice_choices.js";
import { line } from "./voice_line.js";
import { microphone } from "./voice_microphone.js";
import { push } from "./voice_push.js";
import { editable, holding } from "./voice_keys.js";
import { announce, show, trouble, view } from "./voice_view.js";

const $ = (selector) => document.querySelector(selector);

let mode = "off"; // off, starting, live, push
let attempt = 0; // hanging up ends the attempt to connect that runs
let muted = false;
let blocked = false; // this network lets no live connection through; known until the page is left

// -- beginning and ending --------------------------------------------------------------------------

async function begin() {
  const mine = ++attempt;
  const over = () => mine !== attempt;
  mode = "starting";
  hush();
  trouble(null);
  show("asking", "Asking for the microphone …");
  const late = setTimeout(() => over() || show("connecting", "The voice is getting ready …"), 1500);
  let problem = (await beforeMicrophone()) ?? (await serverObstacle());
  clearTimeout(late);
  if (over()) return;
  if (problem && !problem.push) return fail(problem);
  try {
    await microphone.open();
  } catch (error) {
    const named = await microphoneObstacle(error);
    return over() ? undefined : fail(named);
  }
  if (over()) return microphone.close();
  problem ??= blocked ? obstacle("blocked") : await connect(over);
  if (over()) return;
  if (problem) return problem.push ? beginPush(problem) : fail(problem);
  mode = "live";
  captions.wait();
  announce("Listening. Ask your question.");
  if ($("#talk-panel").dataset.state === "connecting") show("listening", "Listening. Ask your question.");
}

async function connect(over) {
  show("connecting", "Connecting …");
  if (await line.open({ onLost: lost, onEnd: hangUp })) return over() ? line.close() : null;
  if (over()) return null;
  const problem = await serverObstacle(); // the last place may just have gone
  blocked = !problem;
  return problem ?? obstacle("blocked");
}

function fail(problem) {
  end();
  trouble(problem);
}

function lost() {
  if (mode !== "live") return;
  hangUp("The connection was lost. Press Talk to go on.");
}

function hangUp(words = "") {
  end();
  announce(words || "You have hung up.");
  if (words) trouble({ words, remedy: "" });
}

function end() {
  attempt++;
  mode = "off";
  line.close();
  push.hush();
  hush();
  captions.hide();
  microphone.close();
  setMuted(false);
  show("off", "");
}

function setMuted(now) {
  muted = now;
  microphone.mute(now);
  view.mute(now);
}

function toggleMute() {
  setMuted(!muted);
  if (muted) show("muted", "You are muted.");
  else show("listening", "Listening. Ask your question.");
  announce(muted ? "Muted." : "The microphone is on again.");
}

// -- live: the server says in notes what goes on ---------------------------------------------------

let lastNote = null;
function followNote() {
  const note = $("#voice-state p");
  if (!note || note === lastNote) return;
  lastNote = note; // Gradio draws every note as a new element
  if (mode === "off" || mode === "push" || !note.textContent) return;
  const { state } = note.dataset;
  if (state === "hearing") hush();
  if (state === "thinking") captions.clear();
  if (muted && state !== "speaking" && state !== "thinking") return;
  if (state === "error" || state === "busy") announce(note.textContent);
  show(state, note.textContent);
}

let lastHeard = "";
function followChat() {
  const bubble = [...document.querySelectorAll("#chat .user.message")].at(-1);
  const words = bubble?.innerText.trim() ?? "";
  if (words === lastHeard) return;
  lastHeard = words;
  if (mode === "live") captions.heard(words);
}

/** What the server hands over beside sound: a sentence that sounds, a command, words to read aloud. */
window.tutorReadAloud = (text) => {
  if (!text) return;
  const words = JSON.parse(text);
  if (words.command) return window.tutorOrder(text);
  if (words.read) {
    hush();
    return chosen.aloud && mode === "off" ? say(words.read) : undefined;
  }
  if (words.speak) say(words.sentence);
  captions.sentence(words.sentence, words.starts_in, words.seconds);
};

document.addEventListener("tutor:order", ({ detail }) => {
  if (detail.command === "slower") speedUp(-1);
  else if (detail.command === "faster") speedUp(1);
  else if (detail.command === "stop") quiet();
});

function quiet() {
  captions.clear();
  hush();
}

// -- push-to-talk ----------------------------------------------------------------------------------

function beginPush(problem) {
  mode = "push";
  captions.wait();
  trouble(problem.layer === "blocked" && blocked ? { ...problem, quiet: true } : problem);
  show("ready", "Hold the button to talk, or tap it.");
  announce(`${problem.words} ${problem.remedy}`);
}

function record() {
  push.hush();
  captions.clear();
  trouble(null);
  push.record(microphone.stream);
  show("recording", "Recording. Let go or tap to send.");
}

async function send() {
  const sound = await push.stop();
  show("thinking", "Thinking …");
  await push.send(sound, where(), onTurn);
}

function where() {
  const read = (id) => JSON.parse($(`#${id} textarea, #${id} input`)?.value || "{}");
  const { cell_id = "", code = "", output = "", error = "" } = read("work");
  const end = (text) => text.slice(-1500); // it travels in the address
  return { ...read("place"), cell_id, code: code.slice(0, 3000), output: end(output), error: end(error) };
}

function onTurn(event) {
  if (event.event === "heard") {
    captions.heard(event.text);
    reread();
  } else if (event.event === "sounds") {
    show("speaking", "Speaking. Press to interrupt.");
    captions.sentence(event.text, 0, event.seconds);
  } else if (event.event === "commanded") window.tutorOrder(event);
  else if (event.event === "said" || event.event === "declined") reread();
  else if (event.event === "failed") show("error", event.text);
  else if (event.event === "over") show("ready", "Hold the button to talk, or tap it.");
}

/** The conversation has grown past Gradio; it reads it anew. */
function reread() {
  const box = $("#reread textarea, #reread input");
  box.value = String(Date.now());
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

// -- buttons and keys ------------------------------------------------------------------------------

holding("#talk", {
  when: () => mode === "push",
  down: () => (push.recording ? false : (record(), true)),
  up: () => push.recording && send(),
  click: () => (mode === "off" ? begin() : hangUp()),
});

document.addEventListener("click", ({ target }) => {
  if (target.closest("#mute")) toggleMute();
  else if (target.closest("#leave")) hangUp();
});

document.addEventListener(
  "keydown",
  (event) => {
    if (event.code === "Space" && event.ctrlKey && event.shiftKey && !event.repeat && $("#talk")) {
      event.preventDefault();
      if (mode === "live") toggleMute();
      else if (mode === "push") push.recording ? send() : record();
      else if (mode === "off") begin();
    }
    if (event.key !== "Escape") return;
    const menu = $("#voice-choices[open]");
    if (!menu && (mode === "off" || editable(event.target))) return;
    event.stopImmediatePropagation();
    if (menu) menu.open = false;
    else hangUp();
  },
  true,
);

view.meter(() => (mode === "off" || muted ? null : microphone.level()));

new MutationObserver(() => {
  const fresh = $("#talk-panel:not([data-shown])");
  if (fresh) {
    fresh.dataset.shown = "";
    showChoices();
  }
  followChat();
  followNote();
}).observe(document.body, { childList: true, subtree: true, characterData: true });
