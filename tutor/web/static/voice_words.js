// Where a spoken sentence stands in a shown answer. Code is spoken otherwise than it is written
// ("i plus equals one"), so the words are matched one by one, and a part of them is enough.

const AHEAD = 120; // words of the answer that are looked through
const ENOUGH = 0.5; // share of the sentence's words that must be found

/** The sentence in the answer: {range, first}, `first` being its first word's number; or null. */
export function place(answer, sentence, from) {
  const spoken = wordsOf(sentence).map(({ word }) => word);
  const shown = textNodes(answer).flatMap((node) => wordsOf(node.data).map((at) => ({ node, ...at })));
  let best = null;
  for (let start = from; start < Math.min(shown.length, from + AHEAD); start++) {
    if (!spoken.slice(0, 4).includes(shown[start].word)) continue;
    const match = follow(spoken, shown, start);
    if (!best || match.count > best.count) best = match;
  }
  if (!best || best.count < spoken.length * ENOUGH) return null;
  const range = document.createRange();
  range.setStart(shown[best.first].node, shown[best.first].start);
  range.setEnd(shown[best.last].node, shown[best.last].end);
  return { range, first: best.first };
}

/** Walks along both, and counts the words that both have. */
function follow(spoken, shown, start) {
  let at = start;
  let count = 0;
  let last = start;
  for (const word of spoken) {
    const near = shown.slice(at, at + 5).findIndex((other) => other.word === word);
    if (near < 0) continue;
    last = at + near;
    at = last + 1;
    count++;
  }
  return { first: start, last, count };
}

function textNodes(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest("pre, button")) nodes.push(walker.currentNode);
  return nodes;
}

function wordsOf(text) {
  return [...text.matchAll(/[\p{L}\p{N}]+/gu)].map((match) => ({
    word: match[0].toLowerCase(),
    start: match.index,
    end: match.index + match[0].length,
  }));
}
