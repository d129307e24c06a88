// The account page: what is kept of a learner, the password, and the way out.

document.documentElement.classList.toggle("dark", matchMedia("(prefers-color-scheme: dark)").matches);

const at = (id) => document.getElementById(id);

async function send(path, body) {
  try {
    const response = await fetch(`/api/v1/auth/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return "";
    return (await response.json()).text ?? "That did not work. Please try again.";
  } catch {
    return "The site cannot be reached. Check your connection and try again.";
  }
}

at("password").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await send("password", { old: at("old").value, new: at("new").value });
  at("changed").textContent = problem || "Changed. Other devices are signed out.";
  if (!problem) event.target.reset();
});

at("delete").addEventListener("submit", async (event) => {
  event.preventDefault();
  const problem = await send("me/delete", { password: at("proof").value });
  at("refused").textContent = problem;
  if (!problem) location.assign("/welcome/");
});

at("sign-out").addEventListener("click", async () => {
  const problem = await send("sign-out", {});
  if (!problem) location.assign("/welcome/");
});

const learner = await (await fetch("/api/v1/auth/me")).json();
const guest = learner.role === "guest";
const member = learner.role === "learner" || learner.role === "owner";
at("who").textContent = guest
  ? "You are here as a guest. Everything of yours is deleted after a day."
  : `You are signed in as ${learner.name}.`;
for (const part of document.querySelectorAll(".members")) part.hidden = !member;
