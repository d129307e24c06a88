// The lesson page. Gradio draws and streams; this script moves between chapters and cells, folds the
// side columns, and tells the server which cell is in view.

import "./runner.js";
import { workOf } from "./runner.js";
import "./order.js";
import "./allowance.js";
import "./embed.js";
import "./voice.js";
import { manner } from "./voice_choices.js";
import { showStyle, style } from "./style.js";

const $ = (selector, root = document) => root.querySelector(selector);

/** Hands a value to the server through one of the page's hidden boxes. */
function hand(id, value) {
  const box = $(`#${id} textarea, #${id} input`);
  if (!box) return;
  box.value = value;
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

const narrow = matchMedia("(max-width: 899px)");

// -- chapters and cells ---------------------------------------------------------------------------

function openChapter(url) {
  const course = url.searchParams.get("course") ?? $("article")?.dataset.course;
  const chapter = url.searchParams.get("chapter");
  if (!chapter) return false;
  hand("goto", `${course}/${chapter}`);
  history.pushState(null, "", `?${new URLSearchParams({ course, chapter })}${url.hash}`);
  pendingHash = url.hash;
  if (narrow.matches) fold(true);
  return true;
}

let pendingHash = "";

function showCell(hash) {
  const cell = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!cell) return false;
  if (narrow.matches) sheet(false);
  if (cell.tagName === "DETAILS") cell.open = true;
  cell.scrollIntoView({ behavior: "smooth", block: "start" });
  cell.classList.remove("pointed");
  void cell.offsetWidth; // restarts the animation
  cell.classList.add("pointed");
  return true;
}

function follow(event, link) {
  const url = new URL(link.getAttribute("href"), location.href);
  if (url.origin !== location.origin || url.pathname !== location.pathname) return;
  const here = $("article")?.dataset.chapter;
  const chapter = url.searchParams.get("chapter");
  if (chapter && chapter !== here) {
    if (openChapter(url)) event.preventDefault();
  } else if (showCell(url.hash)) {
    event.preventDefault();
  }
}

let inView = "";
let touched = ""; // the cell that was run or asked about last; while it is in view, it is the one meant
/** A cell as it lies on the learner's desk: with code, output and error, where it runs. */
function onDesk(id) {
  const { code = "", output = "", error = "" } = workOf(id) ?? {};
  const end = (text) => text.slice(-8000); // of an output, and of a traceback, the end says most
  return { cell_id: id, code: code.slice(0, 8000), output: end(output), error: end(error) };
}

const handWork = () => {
  showStyle();
  hand("work", JSON.stringify({ ...onDesk(inView), ...manner(), style: style() }));
};

document.addEventListener("tutor:manner", handWork);

document.addEventListener("tutor:ran", ({ detail }) => touch(detail.cell));
document.addEventListener("tutor:ask-error", ({ detail }) => askAbout(onDesk(detail.cell)));

function touch(id) {
  touched = inView = id;
  showInView();
}

function askAbout(work) {
  touch(work.cell_id);
  if (narrow.matches) sheet(true);
  hand("about", JSON.stringify({ ...work, at: Date.now() })); // the time makes asking twice two changes
}


function showInView() {
  handWork();
  const box = $("#question textarea");
  const number = document.getElementById(inView)?.dataset.number;
  if (box && number) box.placeholder = `Ask about cell ${number}, or anything`;
}

const visible = new Map();
const watcher = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) visible.set(entry.target, entry.isIntersecting);
    const cells = [...document.querySelectorAll("#lesson .cell")].filter((cell) => visible.get(cell));
    const cell =
      cells.find((one) => one.id === touched) ??
      cells.find((one) => one.getBoundingClientRect().bottom > innerHeight * 0.35) ??
      cells[0];
    if (!cell || cell.id === inView) return;
    inView = cell.id;
    showInView();
  },
  { rootMargin: "-15% 0px -35% 0px" },
);

function chapterShown() {
  visible.clear();
  watcher.disconnect();
  inView = "";
  document.querySelectorAll("#lesson .cell").forEach((cell) => watcher.observe(cell));
  if (!showCell(pendingHash || location.hash)) $("#lesson")?.scrollTo(0, 0);
  pendingHash = "";
}

// -- folding --------------------------------------------------------------------------------------

function fold(folded) {
  document.body.classList.toggle("folded", folded);
  $("#fold")?.setAttribute("aria-expanded", String(!folded));
}

function sheet(open) {
  document.body.classList.toggle("sheet", open);
  $("#open-teacher")?.setAttribute("aria-expanded", String(open));
  if (open) $("#question textarea")?.focus();
}

function addTeacherButton() {
  const button = document.createElement("button");
  button.id = "open-teacher";
  button.type = "button";
  button.setAttribute("aria-controls", "teacher");
  button.setAttribute("aria-expanded", "false");
  button.innerHTML = '<img src="/ours/static/mark.svg" alt="" width="28" height="28"><span>Ask</span>';
  document.body.append(button);
}

// -- state of the site ----------------------------------------------------------------------------

async function watchMode() {
  const banner = $("#teacher .banner");
  if (!banner?.textContent.includes("getting ready")) return;
  try {
    const mode = await (await fetch("/api/v1/mode")).json();
    banner.textContent = mode.banner;
  } catch {
    // Asked again below; a site that is away says so when a question is sent.
  }
  setTimeout(watchMode, 2000);
}

// -- wiring ---------------------------------------------------------------------------------------

document.addEventListener("click", async (event) => {
  const link = event.target.closest("#chapters a, #lesson a, #chat a");
  if (link) return follow(event, link);
  const button = event.target.closest("button");
  if (!button) return;
  if (button.id === "fold") fold(!document.body.classList.contains("folded"));
  if (button.id === "open-teacher") sheet(!document.body.classList.contains("sheet"));
  if (button.classList.contains("ask"))
    askAbout({ ...onDesk(button.dataset.ask), error: "" });
  if (button.classList.contains("copy")) {
    await navigator.clipboard.writeText($("code", button.closest(".framed")).textContent);
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  }
  if (button.id === "sign-out") {
    await fetch("/api/v1/auth/sign-out", { method: "POST" });
    location.assign("/welcome/");
  }
});

/** A sent question leaves the box. Gradio does that; on a busy machine its next drawing can put it back. */
function emptied(box) {
  const sent = box.value.trim();
  setTimeout(() => {
    const shown = [...document.querySelectorAll("#chat .user")].some((bubble) => bubble.innerText.trim() === sent);
    if (sent && shown && box.value.trim() === sent) hand("question", "");
  }, 1500);
}

document.addEventListener("focusin", (event) => {
  if (inView && event.target.closest("#question, #talk-panel")) handWork();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") sheet(false);
  if (event.key === "Enter" && !event.shiftKey && event.target.matches("#question textarea")) emptied(event.target);
});

addEventListener("popstate", () => {
  const url = new URL(location.href);
  if (url.searchParams.get("chapter") !== $("article")?.dataset.chapter) {
    pendingHash = url.hash;
    hand("goto", `${url.searchParams.get("course")}/${url.searchParams.get("chapter")}`);
  }
});

let shown = "";
new MutationObserver(() => {
  // Gradio draws these two without a name that can be read aloud.
  $("#question .submit-button:not([aria-label])")?.setAttribute("aria-label", "Send");
  $("#question .stop-button:not([aria-label])")?.setAttribute("aria-label", "Stop the answer");
  const article = $("#lesson article");
  const name = article && `${article.dataset.course}/${article.dataset.chapter}`;
  if (name && name !== shown) {
    if (!shown) {
      fold(narrow.matches);
      addTeacherButton();
      watchMode();
    }
    shown = name;
    chapterShown();
  }
}).observe(document.body, { childList: true, subtree: true });
