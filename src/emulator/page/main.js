// Polls the overview once a second, passes it to the parts of the page, and handles the buttons.

import { byId, control, say } from "./dom.js";
import * as dialogs from "./dialogs.js";
import * as jobs from "./jobs.js";
import * as log from "./log.js";
import * as people from "./people.js";
import { cycled, moment } from "./words.js";

const EVERY = 1000;

let overview = null;
let reading = Promise.resolve();
let timer = 0;

/** Polls now, after a poll that is in progress. */
function refresh() {
  reading = reading.then(look);
  return reading;
}

async function look() {
  clearTimeout(timer);
  try {
    const query = String(people.wanted());
    const seen = await control("GET", `overview?${query}`);
    // The selection has changed in the meantime; the next poll shows it.
    if (overview && String(people.wanted()) !== query) return;
    if (overview && overview.instance !== seen.instance) log.forget();
    overview = seen;
    await log.read(seen.tenants);
    show();
    connected(true);
  } catch (error) {
    if (!(error instanceof TypeError)) report(error.message, true);
    connected(false);
  }
  timer = setTimeout(() => document.hidden || refresh(), EVERY);
}

function show() {
  say(byId("clock"), moment(overview.time));
  byId("clock").dateTime = overview.time;
  jobs.show(overview);
  people.show(overview);
  log.showFaults(overview.faults, overview.tenants);
}

function connected(isUp) {
  byId("connection").dataset.up = String(isUp);
  say(byId("connection"), isUp ? "Live" : "Not answering");
}

/** Shows the result of an action. */
function report(text, isProblem = false) {
  say(byId("outcome"), text);
  byId("outcome").classList.toggle("bad", isProblem);
}

/** Performs an action, shows its result, and updates the page. */
async function act(button, work) {
  button.disabled = true;
  try {
    report(await work());
  } catch (error) {
    report(error instanceof TypeError ? "The emulator does not answer." : error.message, true);
  }
  button.disabled = false;
  if (document.activeElement === document.body) button.focus();
  await refresh();
}

async function cycle() {
  const lines = await control("POST", "cycle");
  if (lines.length === 0) return "No cycle ran: no job is started.";
  const known = await control("GET", "overview?limit=0");
  const said = lines.map((line) => {
    const job = known.jobs.find((one) => one.id === line.job && one.tenant === line.tenant);
    return cycled(line, job ? jobs.title(job, known.tenants) : line.job);
  });
  return said.join(" ");
}

async function advance() {
  const select = byId("by");
  await control("POST", "advance", { by: select.value });
  return `The clock was advanced by ${select.selectedOptions[0].textContent}.`;
}

byId("run").addEventListener("click", (event) => act(event.currentTarget, cycle));
byId("advance").addEventListener("submit", (event) => {
  event.preventDefault();
  act(event.submitter ?? event.currentTarget.querySelector("button"), advance);
});
byId("inject").addEventListener("click", dialogs.openFault);
byId("change").addEventListener("click", () => overview && dialogs.openUser(overview));
byId("cancel-faults").addEventListener("click", (event) =>
  act(event.currentTarget, async () => {
    await control("DELETE", "faults");
    return "All faults were canceled.";
  }),
);
document.addEventListener("visibilitychange", () => document.hidden || refresh());
dialogs.begin(async (text) => {
  report(text);
  await refresh();
});
people.begin((tenant, kind, id) => dialogs.openUser(overview, tenant, kind, id), refresh);
jobs.begin((source, target) => {
  people.choose(source, target);
  byId("source").focus();
  refresh();
});
log.begin((index, names) => dialogs.openRequest(index, names).catch((error) => report(error.message, true)));
refresh();
