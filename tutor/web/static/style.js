// How the learner wants to be taught. Remembered in this browser; the server decides what is allowed.

const KEY = "tutor-style";

function stored() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // a browser that keeps nothing
  }
}

let chosen = stored();

/** For the server; null where nothing was chosen. */
export const style = () => {
  const list = document.querySelector("#choose-style");
  return chosen && list && [...list.options].some((option) => option.value === chosen) ? chosen : null;
};

/** Shows the choice, as soon as the list is drawn. */
export function showStyle() {
  const list = document.querySelector("#choose-style");
  if (list && style() && list.value !== chosen) list.value = chosen;
}

document.addEventListener("change", ({ target }) => {
  if (target.id !== "choose-style") return;
  chosen = target.value;
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // It holds until the page is left.
  }
  document.dispatchEvent(new CustomEvent("tutor:manner"));
});
