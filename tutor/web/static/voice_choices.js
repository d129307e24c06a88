// How the learner wants to be spoken to: voice, speed, and whether typed answers are read aloud too.

const KEY = "tutor-voice";
const SPEEDS = [0.8, 0.9, 1, 1.15, 1.3]; // as in voice_panel.py
const $ = (selector) => document.querySelector(selector);

const choices = { voice: "", speed: 1, aloud: false, ...stored() };

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // a browser that keeps nothing, or something that is not ours
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(choices));
  } catch {
    // It holds until the page is left.
  }
  document.dispatchEvent(new CustomEvent("tutor:manner"));
}

export const chosen = choices;

/** For the server: which voice, and how fast. */
export const manner = () => ({ voice: choices.voice, rate: choices.speed });

/** One step along the speeds; says what came of it. */
export function speedUp(steps) {
  const now = SPEEDS.findIndex((speed) => speed >= choices.speed);
  choices.speed = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, now + steps))];
  showChoices();
  keep();
}

/** Puts the learner's choices into the panel, as soon as it is drawn. */
export function showChoices() {
  const voices = $("#choose-voice");
  if (!voices) return;
  if ([...voices.options].some((option) => option.value === choices.voice)) voices.value = choices.voice;
  else choices.voice = voices.value; // this site has other voices
  $("#choose-speed").value = String(choices.speed);
  $("#choose-aloud").checked = choices.aloud;
}

document.addEventListener("change", ({ target }) => {
  if (target.id === "choose-voice") choices.voice = target.value;
  else if (target.id === "choose-speed") choices.speed = Number(target.value);
  else if (target.id === "choose-aloud") choices.aloud = target.checked;
  else return;
  keep();
});

document.addEventListener("click", ({ target }) => {
  const menu = $("#voice-choices");
  if (menu?.open && !menu.contains(target)) menu.open = false;
});
