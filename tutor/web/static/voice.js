// One button for talking. FastRTC's own controls ask for the microphone first and start after that;
// this presses both, and shows in words what is going on.

const $ = (selector) => document.querySelector(selector);
const inner = () => $("#voice .button-wrap button");
const state = () => $("#voice-state .prose") ?? $("#voice-state");

function tell(words) {
  const place = state();
  if (!place) return;
  place.innerHTML = '<p role="status"></p>';
  place.firstChild.textContent = words;
}

async function until(condition, milliseconds) {
  const end = performance.now() + milliseconds;
  while (performance.now() < end) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return false;
}

/** Why there is no microphone, in the learner's words; empty where there is one. */
async function obstacle() {
  if (!window.isSecureContext) return "Talking needs a safe connection (https). You can type instead.";
  if (!navigator.mediaDevices?.getUserMedia) return "This browser cannot record sound here. You can type instead.";
  try {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    stream.getTracks().forEach((track) => track.stop());
    return "";
  } catch (error) {
    if (error.name === "NotFoundError") return "No microphone was found. Plug one in, or type your question.";
    return "The browser did not allow the microphone. Allow it beside the address bar, or type your question.";
  }
}

async function start() {
  tell("Asking for the microphone …");
  const problem = await obstacle();
  if (problem) return tell(problem);
  if (!inner()) $("#voice button")?.click();
  if (!(await until(inner, 10_000))) return tell("The voice did not start. Reload the page, or type your question.");
  tell("Connecting …");
  inner().click();
  if (!(await until(() => phase() === "stop", 20_000)))
    tell("No connection for the voice: the network here may block it. You can type instead.");
}

const phase = () => inner()?.textContent.trim() ?? "";

function show() {
  const button = $("#talk");
  if (!button) return;
  const on = phase() === "stop";
  if (button.getAttribute("aria-pressed") === String(on)) return;
  button.setAttribute("aria-pressed", String(on));
  button.querySelector("span").textContent = on ? "Hang up" : "Talk";
  if (!on) tell("");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("#talk");
  if (!button) return;
  button.disabled = true;
  window.tutorReadAloud("");
  if (phase() === "stop") inner().click();
  else await start();
  button.disabled = false;
});

setInterval(show, 250);

// -- where the server has no voice, the browser's own speaks ----------------------------------------

window.tutorReadAloud = (words) => {
  if (words?.startsWith('{"command"')) return window.tutorOrder(words);
  if (!("speechSynthesis" in window)) return;
  speechSynthesis.cancel();
  if (!words) return;
  const utterance = new SpeechSynthesisUtterance(words);
  utterance.lang = $("#lesson article")?.lang || "en";
  speechSynthesis.speak(utterance);
};
