// Tells the course site around this page what its learner does. Sites that the owner did not name hear nothing.

const named = document.querySelector('meta[name="tutor-sites"]')?.content.split(" ").filter(Boolean) ?? [];
// Where the browser tells who is around us, only that one is spoken to.
const around = window.location.ancestorOrigins?.[0];
const sites = around === undefined ? named : named.filter((site) => site === around);

const article = () => document.querySelector("#lesson article");
const done = new Set();
let shown = "";

function tell(event, detail = {}) {
  if (window.parent === window || !article()) return;
  const { course, chapter } = article().dataset;
  const message = { source: "ai-programming-teacher", event, course, chapter, ...detail };
  for (const site of sites) window.parent.postMessage(message, site);
}

function look() {
  const { course, chapter } = article()?.dataset ?? {};
  if (!chapter || shown === `${course}/${chapter}`) return;
  shown = `${course}/${chapter}`;
  tell("ready");
}

function finished() {
  const bar = document.querySelector("#lesson .steps progress");
  if (!bar || bar.value < bar.max || done.has(shown)) return;
  done.add(shown);
  tell("chapter_done");
}

document.addEventListener("tutor:passed", ({ detail }) => {
  tell("exercise_passed", { exercise: detail.cell });
  finished();
});
document.addEventListener("tutor:answered", finished);
if (sites.length) new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
