// How far the learner is in the chapter, and what to do next.

import { make } from "./runner_output.js";

/** The cells of a chapter that are there to be done, in order. */
export function stepsOf(article) {
  return [...article.querySelectorAll(".runnable, form.quiz")].map((element) => {
    const cell = element.closest(".cell");
    const exercise = element.matches("[data-exercise], .quiz");
    const title = cell.querySelector("h2, h3")?.textContent;
    return { id: element.dataset.cell, number: cell.dataset.number, exercise, title };
  });
}

/** The first exercise or quiz that is not done, after this cell and then from the top. */
export function nextStep(steps, workbook, after) {
  const open = steps.filter((step) => step.exercise && !workbook.cell(step.id).done);
  const place = steps.findIndex((step) => step.id === after);
  return open.find((step) => steps.indexOf(step) > place) ?? open[0];
}

export function linkTo(step, lead) {
  const link = make("a", "", step.title ? `cell ${step.number}, ${step.title}` : `cell ${step.number}`);
  link.href = `#${step.id}`;
  const line = make("span", "next-step", `${lead} `);
  line.append(link);
  return line;
}

/** Draws the line below the chapter's title. */
export function showSteps(article, workbook) {
  const box = article.querySelector(".steps");
  const steps = stepsOf(article);
  if (!box || !steps.length) return;
  const done = steps.filter((step) => workbook.cell(step.id).done).length;
  const due = steps.filter((step) => workbook.cell(step.id).due);
  const bar = make("progress");
  Object.assign(bar, { max: steps.length, value: done });
  bar.setAttribute("aria-label", "Steps of this chapter that are done");
  const next = nextStep(steps, workbook);
  const what = done ? "Next:" : "Read from the top. The first task is";
  box.replaceChildren(bar, make("span", "", `${done} of ${steps.length} steps done`));
  if (due.length) box.append(linkTo(due[0], "Time to review:"));
  else if (next) box.append(linkTo(next, what));
  else if (done === steps.length) box.append(make("span", "", "All done. Well done!"));
  for (const step of steps) {
    document.getElementById(step.id)?.classList.toggle("done", workbook.cell(step.id).done);
  }
}
