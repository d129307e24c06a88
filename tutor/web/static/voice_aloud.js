// The browser's own voice (Web Speech): where the site has none, or where the learner likes it better.

import { chosen } from "./voice_choices.js";

export const canSpeak = "speechSynthesis" in window;

/** Says it after what is being said already. Gives when it is over. */
export function say(words) {
  if (!canSpeak || !words) return Promise.resolve();
  return new Promise((resolve) => {
    const utterance = new SpeechSynthesisUtterance(words);
    utterance.lang = document.querySelector("#lesson article")?.lang || "en";
    utterance.rate = chosen.speed;
    utterance.onend = utterance.onerror = resolve;
    speechSynthesis.speak(utterance);
  });
}

export function hush() {
  if (canSpeak) speechSynthesis.cancel();
}
