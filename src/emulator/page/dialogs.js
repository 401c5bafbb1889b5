// The dialogs: inject a fault, change a user or group, show a request. Each shows its own errors.

import { byId, choices, control, el, say } from "./dom.js";
import { everyone } from "./people.js";
import { moment } from "./words.js";

const FIELDS = {
  User: [
    ["displayName", "Display name"],
    ["department", "Department"],
    ["jobTitle", "Job title"],
    ["accountEnabled", "Account enabled"],
  ],
  Group: [
    ["displayName", "Display name"],
    ["description", "Description"],
  ],
};

let people = [];
let original = {};
let told = async () => {};

/** `done(message)` is called after each change. */
export function begin(done) {
  told = done;
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  }
  byId("fault-form").addEventListener("submit", (event) => attempt(event, inject));
  byId("user-form").addEventListener("submit", (event) => attempt(event, save));
  byId("delete").addEventListener("click", (event) => attempt(event, remove));
  byId("who").addEventListener("change", load);
}

/** Submits a form. An error is shown in its dialog, which stays open. */
async function attempt(event, act) {
  event.preventDefault();
  const dialog = event.target.closest("dialog");
  const problem = dialog.querySelector(".problem");
  try {
    const said = await act(dialog);
    problem.hidden = true;
    if (!said) return;
    dialog.close();
    await told(said);
  } catch (error) {
    say(problem, error.message);
    problem.hidden = false;
  }
}

function open(dialog) {
  dialog.querySelector(".problem").hidden = true;
  dialog.showModal();
}

export function openFault() {
  open(byId("fault-dialog"));
}

async function inject() {
  const order = {};
  for (const [name, value] of new FormData(byId("fault-form"))) {
    if (value === "") continue;
    order[name] = ["count", "status", "retry_after", "delay_ms"].includes(name) ? Number(value) : value;
  }
  await control("POST", "faults", order);
  return `Fault ${order.kind} waits for ${order.count === 1 ? "the next request" : `the next ${order.count} requests`} that fit.`;
}

/** Opens the form for a user or group, or for the first one. */
export async function openUser(overview, tenant, kind, id) {
  people = everyone(overview);
  choices(byId("who"), people.map((one, at) => [String(at), one.name]));
  const at = people.findIndex((one) => one.tenant === tenant && one.id === id && one.kind === kind);
  byId("who").value = String(Math.max(at, 0));
  open(byId("user-dialog"));
  await load();
}

const chosen = () => people[Number(byId("who").value)];
const address = (one) => `tenants/${one.tenant}/${one.kind === "User" ? "users" : "groups"}/${one.id}`;

async function load() {
  const one = chosen();
  const button = byId("delete");
  button.dataset.sure = "";
  say(button, "Delete");
  if (!one) return;
  const problem = byId("user-dialog").querySelector(".problem");
  try {
    original = await control("GET", address(one));
    problem.hidden = true;
  } catch (error) {
    original = {};
    say(problem, error.message);
    problem.hidden = false;
  }
  byId("fields").replaceChildren(...FIELDS[one.kind].map(field));
}

function field([name, label]) {
  const id = `field-${name}`;
  const isSwitch = name === "accountEnabled";
  const input = el("input", { id, name, autocomplete: "off" });
  if (isSwitch) Object.assign(input, { type: "checkbox", checked: original[name] !== false });
  else input.value = original[name] ?? "";
  return el("p", { className: isSwitch ? "field switch" : "field" }, el("label", { htmlFor: id }, label), input);
}

async function save() {
  const one = chosen();
  if (!one) throw new Error("There is nobody to change.");
  const change = {};
  for (const input of byId("fields").querySelectorAll("input")) {
    const value = input.type === "checkbox" ? input.checked : input.value || null;
    const before = original[input.name] ?? (input.type === "checkbox" ? true : null);
    if (value !== before) change[input.name] = value;
  }
  if (Object.keys(change).length === 0) throw new Error("Nothing was changed.");
  await control("PATCH", address(one), change);
  return `${one.name} was changed: ${Object.keys(change).join(", ")}.`;
}

/** The first click asks for confirmation, the second deletes. */
async function remove() {
  const [one, button] = [chosen(), byId("delete")];
  if (!one) throw new Error("There is nobody to delete.");
  if (button.dataset.sure !== "yes") {
    button.dataset.sure = "yes";
    say(button, "Really delete");
    return null;
  }
  await control("DELETE", address(one));
  return `${one.name} was deleted.`;
}

/** Shows one request with its bodies. */
export async function openRequest(index, names) {
  const entry = await control("GET", `requests/${index}`);
  say(byId("request-title"), `${entry.method} ${entry.path}`);
  const facts = [
    entry.query ? `?${entry.query}` : "",
    moment(entry.time),
    names.get(entry.tenant) ?? entry.tenant ?? "no tenant",
    entry.status === 0 ? "connection cut" : `status ${entry.status}`,
    `${entry.duration_ms} ms`,
    entry.fault ? `fault ${entry.fault}` : "",
  ];
  say(byId("request-facts"), facts.filter(Boolean).join(" · "));
  const body = (json) => (json === null ? "(no body)" : typeof json === "string" ? json : JSON.stringify(json, null, 2));
  say(byId("request-sent"), body(entry.request_body));
  say(byId("request-answered"), body(entry.response_body));
  byId("request-dialog").showModal();
}
