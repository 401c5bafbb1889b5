// Provisioning jobs: their state, the result of the last cycle, and the reason for a quarantine.

import { byId, el, fill } from "./dom.js";
import { count, counted, hour, jobState, span } from "./words.js";

let pick = () => {};

/** `choose(source, target)` is called when a job is selected. */
export function begin(choose) {
  pick = choose;
}

/** The display name of a job. */
export function title(job, tenants) {
  const name = (id) => tenants.find((tenant) => tenant.tenantId === id)?.displayName ?? "?";
  return `${name(job.tenant)} → ${job.target ? name(job.target) : "no target yet"}`;
}

/** Shows the jobs of an overview. */
export function show({ jobs, tenants, pair, time }) {
  const cards = jobs.map((job) => ({
    job,
    title: title(job, tenants),
    next: job.next ? span(time, job.next) : null,
    isShown: job.tenant === pair.source && job.target === pair.target,
  }));
  const empty = [{ none: true }];
  const focused = document.activeElement?.dataset?.job;
  fill(byId("jobs"), cards.length > 0 ? cards : empty, (one) => (one.none ? none() : card(one, time)));
  if (focused && !document.activeElement?.dataset?.job) {
    [...byId("jobs").querySelectorAll("button")].find((button) => button.dataset.job === focused)?.focus();
  }
}

function none() {
  return el("li", { className: "job note" }, "No job yet. It appears when a configuration is applied to these tenants.");
}

function card({ job, title: text, next, isShown }, time) {
  const [state, tone] = jobState(job);
  const facts = [
    ["Last cycle", lastCycle(job)],
    ["Next cycle", job.underway ? "under way" : next ? `in ${next}` : "not started"],
    ["In the target", inTarget(job)],
  ];
  const parts = [
    el("div", { className: "job-head" }, el("h3", {}, text), el("span", { className: `badge ${tone}` }, state)),
    el("p", { className: "job-name" }, job.name ?? "Configuration deleted"),
    el("dl", {}, ...facts.map(([term, said]) => el("div", {}, el("dt", {}, term), el("dd", {}, said)))),
  ];
  if (job.quarantine) parts.push(quarantine(job.quarantine, time));
  if (!isShown && job.target) {
    const button = el("button", { type: "button", "data-job": job.id }, "Show", el("span", { className: "hidden" }, ` ${text}`));
    button.addEventListener("click", () => pick(job.tenant, job.target));
    parts.push(button);
  }
  return el("li", { className: `job ${tone}` }, ...parts);
}

/** Before the first cycle, Graph returns a placeholder as the last execution. */
function lastCycle(job) {
  const run = job.lastExecution;
  if (!run || run.timeBegan.startsWith("0001")) return "none yet";
  return `${hour(run.timeEnded)}, ${job.quarantine ? "failed" : counted(run)}`;
}

function inTarget(job) {
  const words = { "User to User": "user", "Group to Group": "group" };
  const said = job.synchronized.map(({ key, value }) => count(value, words[key] ?? key));
  return said.join(", ") || "nobody yet";
}

function quarantine({ error, reason, currentBegan, nextAttempt, seriesCount }, time) {
  return el(
    "div",
    { className: "quarantine" },
    el("p", {}, el("strong", {}, reason), ` since ${hour(currentBegan)}, ${count(seriesCount, "attempt")}. Next in ${span(time, nextAttempt)}.`),
    el("p", {}, error.message),
  );
}
