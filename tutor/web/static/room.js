// The room page: joins the LiveKit room of the open conversation, and speaks the protocol of docs/rooms.md.

const LiveKit = window.LivekitClient;
const at = (id) => document.getElementById(id);
const { conversation, chapter } = document.body.dataset;
const room = new LiveKit.Room({ disconnectOnPageLeave: true });
const open = new Map(); // answers that are still being told, by turn
let showing = [];

document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);

const state = (words) => { at("state").textContent = words; };

function bubble(kind, text) {
  const item = document.createElement("li");
  item.className = kind;
  item.textContent = text; // never as markup: it comes from a model, or from the learner
  at("talked").append(item);
  item.scrollIntoView({ block: "end" });
  return item;
}

function answer(turn) {
  if (!open.has(turn)) open.set(turn, bubble("teacher", ""));
  return open.get(turn);
}

function tell(message) {
  const packet = new TextEncoder().encode(JSON.stringify({ v: 1, ...message }));
  return room.localParticipant.publishData(packet, { reliable: true, topic: "tutor" });
}

function show(caption) {
  const spans = caption.words.map((word) => Object.assign(document.createElement("span"), { textContent: `${word.text} ` }));
  const wait = (seconds, work) => showing.push(setTimeout(work, Math.max(0, seconds * 1000)));
  wait(caption.at - since(), () => at("caption").replaceChildren(...spans));
  caption.words.forEach((word, n) => {
    wait(caption.at + word.start - since(), () => spans.forEach((span, m) => span.classList.toggle("now", m === n)));
  });
}

let spoke = 0;
let captions = [];
const since = () => (performance.now() - spoke) / 1000;

function hush() {
  showing.forEach(clearTimeout);
  showing = [];
  captions = [];
  spoke = 0;
  at("caption").replaceChildren();
}

const heard = {
  ready: () => state("Your teacher is here."),
  user_message_echo: (m) => { hush(); bubble("learner", m.text); },
  delta: (m) => { answer(m.turn_id).textContent += m.text; },
  restarted: (m) => { answer(m.turn_id).textContent = ""; },
  said: (m) => { if (m.text) answer(m.turn_id).textContent = m.text; open.delete(m.turn_id); },
  declined: (m) => { answer(m.turn_id).textContent = m.text; open.delete(m.turn_id); },
  commanded: (m) => { if (m.text) bubble("teacher", m.text); },
  caption: (m) => { if (spoke) show(m); else captions.push(m); },
  speaking: () => { spoke = performance.now(); captions.forEach(show); captions = []; },
  interrupted: () => hush(),
  chapter: (m) => { if (m.chapter !== chapter) location.search = new URLSearchParams({ course: document.body.dataset.course, chapter: m.chapter }); },
  error: (m) => bubble("trouble", m.text),
};

room.on(LiveKit.RoomEvent.DataReceived, (data, _sender, _kind, topic) => {
  if (topic !== "tutor") return;
  const message = JSON.parse(new TextDecoder().decode(data));
  heard[message.type]?.(message);
});
room.on(LiveKit.RoomEvent.TrackSubscribed, (track) => {
  if (track.kind === "audio") document.body.append(track.attach());
});
room.on(LiveKit.RoomEvent.TrackUnsubscribed, (track) => track.detach().forEach((element) => element.remove()));
room.on(LiveKit.RoomEvent.ParticipantAttributesChanged, (changed, who) => {
  const words = { listening: "Listening.", thinking: "Thinking …", speaking: "Speaking. Talk to interrupt." };
  if (who.isAgent && words[changed["lk.agent.state"]]) state(words[changed["lk.agent.state"]]);
});
room.on(LiveKit.RoomEvent.ParticipantDisconnected, (who) => { if (who.isAgent) state("Your teacher is on the way."); });
room.on(LiveKit.RoomEvent.Reconnecting, () => state("The connection is gone. Trying again …"));
room.on(LiveKit.RoomEvent.Reconnected, () => { state("Connected again."); tell({ type: "hello" }); });
room.on(LiveKit.RoomEvent.Disconnected, () => {
  ["talk", "text", "send", "stop"].forEach((id) => { at(id).disabled = true; });
  at("join").hidden = false;
  state("Not connected. Your conversation is kept.");
});

async function history() {
  const stored = await fetch(`/api/v1/conversations/${conversation}/messages`).then((reply) => reply.json());
  at("talked").replaceChildren();
  stored.forEach((message) => bubble(message.author === "user" ? "learner" : "teacher", message.text));
}

async function join() {
  state("Joining …");
  at("join").hidden = true;
  try {
    const reply = await fetch("/api/v1/rooms/token", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ conversation_id: conversation, chapter }),
    });
    const ticket = await reply.json();
    if (!reply.ok) throw new Error(ticket.text);
    await room.connect(ticket.url, ticket.token);
    await room.startAudio();
    ["talk", "text", "send", "stop"].forEach((id) => { at(id).disabled = false; });
    state("Your teacher is on the way.");
    await tell({ type: "hello" });
  } catch (error) {
    at("join").hidden = false;
    state(`That did not work: ${error.message}`);
  }
}

at("join").addEventListener("click", join);
at("talk").addEventListener("click", async () => {
  const on = at("talk").getAttribute("aria-pressed") !== "true";
  try {
    await room.localParticipant.setMicrophoneEnabled(on);
    at("talk").setAttribute("aria-pressed", String(on));
    at("talk").textContent = on ? "Turn the microphone off" : "Turn the microphone on";
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
  tell({ type: "user_message", text });
});
at("text").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); at("ask").requestSubmit(); }
});
history();
