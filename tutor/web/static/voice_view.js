// What the panel shows: one state at a time, as a shape, in words and in colour.

const $ = (selector) => document.querySelector(`#talk-panel ${selector}`);
const still = matchMedia("(prefers-reduced-motion: reduce)");

const LABELS = { off: "Talk", asking: "Cancel", connecting: "Cancel", ready: "Hold to talk", recording: "Send" };
const ON_AIR = new Set(["listening", "hearing", "thinking", "speaking", "muted", "busy", "error"]);
let pushing = false;

export function show(state, words) {
  const panel = document.querySelector("#talk-panel");
  if (!panel) return;
  if (state === "ready") pushing = true;
  if (state === "off") pushing = false;
  panel.dataset.state = state;
  panel.dataset.by = pushing ? "push" : "line";
  $(".now").hidden = state === "off";
  $(".now .words").textContent = words;
  const talk = $("#talk");
  const label = LABELS[state] ?? (pushing ? "Hold to talk" : "Hang up");
  talk.querySelector("span").textContent = label;
  talk.setAttribute("aria-pressed", String(state === "recording" || (!pushing && ON_AIR.has(state))));
  $("#mute").hidden = pushing || !ON_AIR.has(state);
  $("#leave").hidden = !pushing;
  document.body.classList.toggle("talking", state !== "off");
}

/** For a screen reader only, and seldom: the teacher is heard anyway. */
export function announce(words) {
  $("#talk-said").textContent = words;
}

/** Says what stands in the way, and what to do; null takes it back. */
export function trouble(problem) {
  const place = $(".trouble");
  if (!place) return;
  place.hidden = !problem;
  place.dataset.layer = problem?.layer ?? "";
  place.querySelector("strong").textContent = problem?.words ?? "";
  place.querySelector("span").textContent = problem?.remedy ?? "";
  place.querySelector("a")?.remove();
  if (problem?.layer !== "frame") return;
  const link = Object.assign(document.createElement("a"), { href: location.href, target: "_blank", textContent: "Open it" });
  place.append(" ", link);
}

export const view = {
  mute(muted) {
    $("#mute")?.setAttribute("aria-pressed", String(muted));
    const words = $("#mute span");
    if (words) words.textContent = muted ? "Unmute" : "Mute";
  },

  /** Draws `level()` again and again; null is no microphone. */
  meter(level) {
    const draw = () => {
      const loud = level();
      const bars = loud === null ? null : $(".level");
      bars?.style.setProperty("--loud", still.matches ? String(Math.round(loud * 4) / 4) : loud.toFixed(2));
      setTimeout(draw, loud === null || still.matches ? 500 : 80);
    };
    draw();
  },
};
