// Push-to-talk over HTTP: record, send, and play the answer sentence by sentence as it arrives.

import { say, hush } from "./voice_aloud.js";
import { manner } from "./voice_choices.js";

let recorder = null;
let pieces = [];
let sending = null; // aborts the turn that runs
let player = null;
let queue = Promise.resolve();
let turn = null; // the last answer: where it is, and how much of it was heard
const SETTLED = 400; // ms until the server has stored a turn that was broken off

export const push = {
  get recording() {
    return recorder !== null;
  },

  get busy() {
    return sending !== null || player !== null;
  },

  record(stream) {
    pieces = [];
    recorder = new MediaRecorder(stream);
    recorder.addEventListener("dataavailable", ({ data }) => pieces.push(data));
    recorder.start();
  },

  /** Ends the recording; gives the sound. */
  async stop() {
    const ending = recorder;
    recorder = null;
    const ended = new Promise((resolve) => ending.addEventListener("stop", resolve, { once: true }));
    ending.stop();
    await ended;
    return new Blob(pieces, { type: ending.mimeType });
  },

  /** Sends a recording; `show` gets every event of the turn, and {event: "sounds", ...} when one is played. */
  async send(sound, where, show) {
    const mine = (sending = new AbortController());
    try {
      const { conversation_id, ...place } = where;
      const query = new URLSearchParams({ ...place, ...manner(), aloud: "true" });
      const answer = await fetch(`/api/v1/conversations/${conversation_id}/recordings?${query}`, {
        method: "POST", body: sound, headers: { "content-type": sound.type }, signal: mine.signal,
      });
      if (!answer.ok) return show({ event: "failed", ...(await answer.json()) });
      for await (const event of events(answer.body)) {
        if (event.event === "heard") turn = { ...event, from: 0, until: 0 };
        if (event.event === "spoken") queue = queue.then(() => mine.signal.aborted || play(event, show));
        show(event);
      }
      await queue;
      if (!mine.signal.aborted) show({ event: "over" });
    } catch (error) {
      if (!mine.signal.aborted) show({ event: "failed", text: "The site did not answer. Please try again." });
    } finally {
      if (sending === mine) sending = null;
    }
  },

  /** Stops recording, turn and sound. What was said until now is stored by the server. */
  hush() {
    if (recorder) recorder.stop();
    recorder = null;
    if (push.busy) setTimeout(keepHeard, SETTLED, turn, player);
    sending?.abort();
    sending = null;
    player?.pause();
    player?.dispatchEvent(new Event("ended"));
    hush();
    queue = Promise.resolve();
  },
};

/** Tells the server how far an answer was heard that the learner has stopped. */
function keepHeard(turn, player) {
  if (!turn) return;
  const share = player?.duration ? player.currentTime / player.duration : 0;
  const characters = Math.round(turn.from + share * (turn.until - turn.from));
  fetch(`/api/v1/conversations/${turn.conversation_id}/turns/${turn.turn_id}/heard`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ characters }), keepalive: true,
  }).catch(() => {}); // then the whole answer stays, which is no loss
}

async function play(event, show) {
  if (turn) Object.assign(turn, { from: turn.until, until: event.end });
  show({ ...event, event: "sounds" });
  if (!event.sound) return say(event.text);
  player = new Audio(`data:audio/wav;base64,${event.sound}`);
  const over = new Promise((resolve) => {
    player.addEventListener("ended", resolve, { once: true });
    player.addEventListener("error", resolve, { once: true });
  });
  try {
    await player.play();
    await over;
  } finally {
    player = null;
  }
}

/** The events of a stream, as they arrive. */
async function* events(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const frames = (rest + value).split("\n\n");
    rest = frames.pop();
    for (const frame of frames) {
      const data = frame.split("\n").find((one) => one.startsWith("data: "));
      if (data) yield JSON.parse(data.slice(6));
    }
  }
}
