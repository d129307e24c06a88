// A button that is pressed, held or tapped, by pointer, key or screen reader.

const HELD = 400; // milliseconds; a shorter press is a tap

/** Whether somebody may be typing there. */
export function editable(target) {
  return target.matches?.("textarea, select, input:not([type=checkbox]), [contenteditable=true]") ?? false;
}

/**
 * While `when()` holds: `down` as the press begins (true where it began something), `up` as it ends, unless
 * it was a mere tap: then the next tap ends it. Else: `click`.
 */
export function holding(selector, { when, down, up, click }) {
  let began = null; // when this press began something

  const press = (event) => {
    if (!event.target.closest?.(selector) || !when()) return;
    if (event.key === "Enter" && event.repeat) event.preventDefault(); // each would be a click
    if (event.type === "keydown" && (event.code !== "Space" || event.repeat || event.ctrlKey)) return;
    if (event.pointerId !== undefined) event.target.closest(selector).setPointerCapture(event.pointerId);
    began = down() ? performance.now() : null;
  };
  document.addEventListener("pointerdown", press);
  document.addEventListener("keydown", press);

  // A click comes at the end of a press, and alone from a screen reader or the Enter key.
  document.addEventListener("click", (event) => {
    if (!event.target.closest(selector)) return;
    if (!when()) return click();
    const tapped = began !== null && performance.now() - began < HELD;
    if (tapped) began = null;
    else if (began === null && down()) return;
    else up();
    began = null;
  });
  document.addEventListener("contextmenu", (event) => {
    if (event.target.closest?.(selector) && when()) event.preventDefault(); // a long press on a phone
  });
}
