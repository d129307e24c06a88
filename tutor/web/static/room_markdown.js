// The Markdown of an answer as elements: paragraphs, lists, code, bold, links to cells. Nothing becomes markup
// that is not built here, so whatever a model writes stays text.

const INLINE = /`([^`]+)`|\*\*([^*]+)\*\*|\*([^*\s][^*]*)\*|\[([^\]]+)\]\(((?:\?[\w=&-]*)?#[\w-]+|\?[\w=&-]+)\)/g;

function element(name, ...inside) {
  const made = document.createElement(name);
  made.append(...inside);
  return made;
}

/** A place in this page, or another chapter's page; never another host. */
function inThisCourse(address) {
  return address.startsWith("?") ? `?course=${document.body.dataset.course}&${address.slice(1)}` : address;
}

function inline(text) {
  const parts = [];
  let done = 0;
  for (const found of text.matchAll(INLINE)) {
    parts.push(text.slice(done, found.index));
    const [, code, bold, lean, words, address] = found;
    if (code) parts.push(element("code", code));
    else if (bold) parts.push(element("strong", bold));
    else if (lean) parts.push(element("em", lean));
    else parts.push(Object.assign(element("a", words), { href: inThisCourse(address) }));
    done = found.index + found[0].length;
  }
  return [...parts, text.slice(done)];
}

function block(text) {
  const lines = text.split("\n");
  const list = (mark) => lines.every((line) => mark.test(line));
  for (const [name, mark] of [["ul", /^\s*[-*] /], ["ol", /^\s*\d+[.)] /]]) {
    if (list(mark)) return element(name, ...lines.map((line) => element("li", ...inline(line.replace(mark, "")))));
  }
  const heading = /^#{1,6} (.*)$/.exec(text);
  return heading ? element("p", element("strong", ...inline(heading[1]))) : element("p", ...inline(text));
}

/** The elements for a text, which may still be growing. */
export function markdown(text) {
  return text.split(/(^```[^\n]*\n[\s\S]*?(?:^```\s*$|$(?![\s\S])))/m).flatMap((part) => {
    const fence = /^```[^\n]*\n([\s\S]*?)(?:```\s*)?$/.exec(part);
    if (fence) return [element("pre", element("code", fence[1].trimEnd()))];
    return part.split(/\n\s*\n/).map((one) => one.trim()).filter(Boolean).map(block);
  });
}
