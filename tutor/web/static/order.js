// What the page itself does of a learner's command, typed or spoken.

/** Opens the chapter that a command names; other commands are an event for whoever speaks. */
window.tutorOrder = (words) => {
  if (!words) return;
  const order = typeof words === "string" ? JSON.parse(words) : words;
  if (order.chapter) openChapter(order.chapter);
  document.dispatchEvent(new CustomEvent("tutor:order", { detail: order }));
};

function openChapter(slug) {
  const links = [...document.querySelectorAll("#chapters a")];
  links.find((link) => new URL(link.href).searchParams.get("chapter") === slug)?.click();
}
