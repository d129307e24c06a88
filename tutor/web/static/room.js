// The room page: joins the LiveKit room of the open conversation, stays in it, and speaks the protocol of docs/rooms.md.

import { answer, bubble, caption, hush, speaking, told } from "/ours/static/room_talk.js";

const LiveKit = window.LivekitClient;
const at = (id) => document.getElementById(id);
const { conversation, course, chapter } = document.body.dataset;
// The client tries to mend its connection for some seconds; then the page begins a new one (comeBack).
const MENDING = [0, 500, 1000, 2000]; // milliseconds before each try
const reconnectPolicy = { nextRetryDelayInMs: ({ retryCount }) => MENDING[retryCount] ?? null };
const room = new LiveKit.Room({ disconnectOnPageLeave: true, reconnectPolicy });
const LONGEST_WAIT = 10; // seconds between two tries to come back
const OUT = new Set(["DUPLICATE_IDENTITY", "PARTICIPANT_REMOVED", "CLIENT_INITIATED"]); // not to be undone

const look = matchMedia("(prefers-color-scheme: dark)");
const dress = () => document.documentElement.classList.toggle("dark", look.matches);
look.addEventListener("change", dress);
dress();

const state = (words) => { at("state").textContent = words; };
let teaching = false;
let hears = true;
const waiting = [];
let tries = 0;
let next = 0;

const idle = () => (hears ? "Listening." : "Your teacher is here.");

function inside(yes) {
  at("inside").hidden = !yes;
  at("outside").hidden = yes;
}

function tell(message) {
  const packet = new TextEncoder().encode(JSON.stringify({ v: 1, ...message }));
  return room.localParticipant.publishData(packet, { reliable: true, topic: "tutor" });
}

const received = {
  ready: (m) => {
    teaching = true;
    hears = m.hears;
    at("microphone").hidden = !m.hears;
    at("stop").hidden = !m.speaks;
    state(idle());
    waiting.splice(0).forEach((text) => tell({ type: "user_message", text }));
  },
  user_message_echo: (m) => { hush(); bubble("learner", m.text); },
  delta: (m) => answer(m.turn_id, m.text, { grows: true }),
  restarted: (m) => answer(m.turn_id, ""),
  said: (m) => { if (m.text) answer(m.turn_id, m.text); told(m.turn_id); },
  declined: (m) => { answer(m.turn_id, m.text); told(m.turn_id); },
  commanded: (m) => { if (m.text) bubble("teacher", m.text); },
  caption,
  speaking,
  interrupted: hush,
  chapter: (m) => { if (m.chapter !== chapter) location.search = new URLSearchParams({ course, chapter: m.chapter }); },
  error: (m) => bubble("trouble", m.text),
};

const on = LiveKit.RoomEvent;
room.on(on.DataReceived, (data, _sender, _kind, topic) => {
  if (topic !== "tutor") return;
  const message = JSON.parse(new TextDecoder().decode(data));
  received[message.type]?.(message);
});
room.on(on.TrackSubscribed, (track) => { if (track.kind === "audio") document.body.append(track.attach()); });
room.on(on.TrackUnsubscribed, (track) => track.detach().forEach((element) => element.remove()));
room.on(on.ParticipantAttributesChanged, (changed, who) => {
  const words = { listening: idle(), thinking: "Thinking …", speaking: "Speaking. Talk to interrupt." };
  if (teaching && who.isAgent && words[changed["lk.agent.state"]]) state(words[changed["lk.agent.state"]]);
});
room.on(on.ParticipantDisconnected, (who) => {
  const others = [...room.remoteParticipants.values()];
  if (!who.isAgent || others.some((other) => other.isAgent)) return; // another teacher has taken over
  teaching = false;
  state("Your teacher is on the way.");
});
room.on(on.Reconnecting, () => state("The connection is gone. Trying again …"));
room.on(on.Reconnected, () => {
  state("Connected again.");
  tell({ type: "hello" });
});
room.on(on.Disconnected, (reason) => {
  teaching = false;
  hush();
  if (OUT.has(LiveKit.DisconnectReason[reason])) {
    inside(false);
    state("Not connected. Your conversation is kept.");
  } else {
    comeBack();
  }
});

/** The client has given up on its connection: begin a new one, with a ticket of its own. */
function comeBack() {
  const wait = Math.min(LONGEST_WAIT, 2 ** tries++);
  state("The connection is gone. Trying again …");
  clearTimeout(next);
  next = setTimeout(() => enter().catch(comeBack), wait * 1000);
}

async function history() {
  const stored = await fetch(`/api/v1/conversations/${conversation}/messages`).then((reply) => reply.json());
  at("talked").replaceChildren();
  stored.forEach((message) => bubble(message.author === "user" ? "learner" : "teacher", message.text));
}

async function enter() {
  const reply = await fetch("/api/v1/rooms/token", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ conversation_id: conversation, chapter }),
  });
  const ticket = await reply.json();
  if (!reply.ok) throw new Error(ticket.text);
  await room.connect(ticket.url, ticket.token);
  if (tries) await history(); // what was said while nobody was here
  tries = 0;
  inside(true);
  if (!teaching) state("Your teacher is on the way.");
  await tell({ type: "hello" });
  if (at("microphone").getAttribute("aria-pressed") === "true") await room.localParticipant.setMicrophoneEnabled(true);
}

at("join").addEventListener("click", async () => {
  state("Joining …");
  at("join").disabled = true;
  try {
    await enter();
    await room.startAudio();
    at("text").focus();
  } catch (error) {
    state(`That did not work: ${error.message}`);
  } finally {
    at("join").disabled = false;
  }
});
at("microphone").addEventListener("click", async () => {
  const wanted = at("microphone").getAttribute("aria-pressed") !== "true";
  try {
    await room.localParticipant.setMicrophoneEnabled(wanted);
    at("microphone").setAttribute("aria-pressed", String(wanted));
    at("microphone").textContent = wanted ? "Turn the microphone off" : "Turn the microphone on";
  } catch {
    state("The browser did not give the microphone. You can type.");
  }
});
at("stop").addEventListener("click", () => { hush(); tell({ type: "stop" }); });
at("ask").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = at("text").value.trim();
  if (!text) return;
  at("text").value = "";
  if (teaching) tell({ type: "user_message", text });
  else waiting.push(text); // nobody is there to read it yet
});
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); at("ask").requestSubmit(); }
});

function sheet(shown) {
  at("side").classList.toggle("open", shown);
  at("show").setAttribute("aria-expanded", String(shown));
  (shown ? at("hide") : at("show")).focus();
}
at("show").addEventListener("click", () => sheet(true));
at("hide").addEventListener("click", () => sheet(false));
at("side").addEventListener("keydown", (event) => { if (event.key === "Escape" && at("hide").offsetParent) sheet(false); });
at("talked").addEventListener("click", (event) => { if (event.target.closest("a") && at("hide").offsetParent) sheet(false); });
history();
