// HTML out of a cell, such as a table of pandas, made anew from what is known to be harmless.

const TAGS = new Set(
  "b br caption code dd div dl dt em h1 h2 h3 h4 hr i li ol p pre small span strong sub sup table tbody td tfoot th thead tr u ul".split(" "),
);
const GONE = new Set("head iframe math noscript object script style svg template title".split(" "));
const NUMBERS = new Set(["colspan", "rowspan"]);
const MOST = 20_000; // elements

/** An element with the same text and structure, and nothing that could act. */
export function safeTable(html) {
  const box = document.createElement("div");
  box.className = "rich";
  box.tabIndex = 0; // wide tables scroll sideways, by keyboard too
  let left = MOST;
  const copy = (from, to) => {
    for (const node of from.childNodes) {
      if (node.nodeType === Node.TEXT_NODE) to.append(node.data);
      if (node.nodeType !== Node.ELEMENT_NODE || --left < 0) continue;
      const tag = node.localName;
      if (GONE.has(tag)) continue;
      let made = to;
      if (TAGS.has(tag)) {
        made = to.appendChild(document.createElement(tag));
        for (const name of NUMBERS) {
          if (/^\d{1,3}$/.test(node.getAttribute(name) ?? "")) made.setAttribute(name, node.getAttribute(name));
        }
      }
      copy(node, made);
    }
  };
  copy(new DOMParser().parseFromString(html, "text/html").body, box);
  return box;
}
