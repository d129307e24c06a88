// A quiet line below the question box: what is left of this minute and today, before it bites.

const AFTER_MS = 1200; // without a change of the conversation: the answer has ended

async function tell() {
  const line = document.getElementById("allowance");
  if (!line) return;
  const answer = await fetch("/api/v1/limits").catch(() => null);
  if (!answer?.ok) return; // the next answer asks again
  const { notice } = await answer.json();
  if (line.textContent !== notice) line.textContent = notice;
}

let waiting = 0;
let watched = null;

function later() {
  clearTimeout(waiting);
  waiting = setTimeout(tell, AFTER_MS);
}

// Gradio draws the conversation when it pleases, and may draw it anew.
new MutationObserver(() => {
  const chat = document.getElementById("chat");
  if (!chat || chat === watched) return;
  watched = chat;
  new MutationObserver(later).observe(chat, { childList: true, subtree: true, characterData: true });
  later();
}).observe(document.body, { childList: true, subtree: true });
