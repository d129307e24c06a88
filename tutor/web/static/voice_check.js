// What may stand between a learner and talking: each layer is named in plain words, with what to do.
// An obstacle is {layer, words, remedy, push}; `push` says that push-to-talk works all the same.

const OBSTACLES = {
  insecure: ["Talking needs a safe connection.", "Open this page with https:// in its address, or type your question."],
  unsupported: ["This browser cannot record sound.", "Open the page in another browser, or type your question."],
  frame: [
    "The page around the teacher keeps the microphone from it.",
    "Open the teacher in a window of its own, or type your question.",
  ],
  denied: [
    "The microphone is blocked for this page.",
    "Press the sign beside the address, allow the microphone, then press Talk again. Or type your question.",
  ],
  dismissed: ["The browser asked for the microphone, and got no answer.", "Press Talk again, and choose Allow."],
  system: [
    "Your computer keeps the microphone from the browser.",
    "Allow it in the system's privacy settings, or type your question.",
  ],
  missing: ["No microphone was found.", "Plug one in, or switch it on, then press Talk again. Or type your question."],
  occupied: ["The microphone does not answer.", "Close other programs that use it, then press Talk again."],
  signed_out: ["You are signed out.", "Reload the page, and sign in again."],
  away: ["The site does not answer.", "Check your connection, then press Talk again."],
  deaf: ["The voice is not ready on this site.", "Try again in a few seconds, or type your question."],
  busy: ["All places for talking are taken.", "Hold the button while you talk, and let go to send.", true],
  no_webrtc: ["This browser has no live connection.", "Hold the button while you talk, and let go to send.", true],
  blocked: ["This network blocks the live connection.", "Hold the button while you talk, and let go to send.", true],
};

export function obstacle(layer) {
  const [words, remedy, push = false] = OBSTACLES[layer];
  return { layer, words, remedy, push };
}

/** What stands in the way before the microphone is asked for; null where nothing does. */
export async function beforeMicrophone() {
  if (!window.isSecureContext) return obstacle("insecure");
  if (!navigator.mediaDevices?.getUserMedia) return obstacle("unsupported");
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  if (policy && !policy.allowsFeature("microphone")) return obstacle("frame");
  return (await permission()) === "denied" ? obstacle("denied") : null;
}

/** What an error of getUserMedia means. */
export async function microphoneObstacle(error) {
  if (error.name === "NotFoundError" || error.name === "OverconstrainedError") return obstacle("missing");
  if (error.name === "NotReadableError" || error.name === "AbortError") return obstacle("occupied");
  if (/by system/i.test(error.message)) return obstacle("system");
  const state = await permission();
  if (state === "prompt") return obstacle(self === top ? "dismissed" : "frame");
  return obstacle("denied");
}

const LOADING = 20; // seconds that a learner waits for models that are being loaded

/** What the server says to one more learner who wants to talk; null where there is a place. */
export async function serverObstacle(tries = LOADING) {
  let answer;
  try {
    answer = await fetch("/api/v1/voice");
  } catch {
    return obstacle("away");
  }
  if (answer.status === 401) return obstacle("signed_out");
  if (!answer.ok) return obstacle("away");
  const { hears, free } = await answer.json();
  if (hears === "loading" && tries > 0) {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return serverObstacle(tries - 1);
  }
  if (hears !== "ready") return obstacle("deaf");
  if (!window.RTCPeerConnection) return obstacle("no_webrtc");
  return free > 0 ? null : obstacle("busy");
}

async function permission() {
  try {
    return (await navigator.permissions.query({ name: "microphone" })).state;
  } catch {
    return "unknown"; // Firefox before 2025 knows no such name
  }
}
