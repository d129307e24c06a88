// The first page: every button is one call of the API; the session comes back as a cookie.

const problem = () => document.getElementById("problem");
const field = (id) => document.querySelector(`#${id} input, #${id} textarea`);

function target() {
  const next = new URLSearchParams(location.search).get("next") ?? "/";
  // Only a path of this site: never another host that somebody put into a link.
  return /^\/(account|progress|room)?(\?[^#]*)?$/.test(next) ? next : "/";
}

async function enter(path, body, button) {
  problem().textContent = "";
  button.disabled = true;
  try {
    const response = await fetch(`/api/v1/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (response.ok) {
      location.assign(target());
      return;
    }
    const answer = await response.json();
    problem().textContent = answer.text ?? "That did not work. Please try again.";
  } catch {
    problem().textContent = "The site cannot be reached. Check your connection and try again.";
  }
  button.disabled = false;
}

const credentials = () => ({ name: field("name").value, password: field("password").value });
const ACTIONS = {
  guest: (button) => enter("guest", undefined, button),
  "sign-in": (button) => enter("sign-in", credentials(), button),
  "sign-up": (button) => enter("sign-up", credentials(), button),
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("button");
  if (button && ACTIONS[button.id]) ACTIONS[button.id](button);
});
document.addEventListener("keydown", (event) => {
  const inForm = event.target.closest("#account");
  if (event.key === "Enter" && inForm && event.target.tagName === "INPUT") {
    event.preventDefault();
    ACTIONS["sign-in"](document.getElementById("sign-in"));
  }
});
