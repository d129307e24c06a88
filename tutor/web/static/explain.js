// What an error means, in plain words. The catalogue is the server's: tutor/domain/mishap.toml.

let fetched;

/** The catalogue: a list of {error, match, says, look}. Empty where it cannot be had; then nothing is explained. */
export function explanations() {
  fetched ??= fetch("/runner/explanations")
    .then((answer) => (answer.ok ? answer.json() : []))
    .catch(() => {
      fetched = undefined;
      return [];
    });
  return fetched;
}

/** The first entry that fits an error, with what it found put into its words. */
export function explanation(entries, name, last) {
  const message = last.startsWith(`${name}: `) ? last.slice(name.length + 2) : last;
  for (const { error, match, says, look } of entries) {
    const found = error === name && message.match(new RegExp(match));
    if (!found) continue;
    const filled = (text) => text.replace(/\{(\d)\}/g, (_, number) => found[number] ?? "");
    return { says: filled(says), look: filled(look) };
  }
  return undefined;
}
