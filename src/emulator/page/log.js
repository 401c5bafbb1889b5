// The live request log: newest first, a single tab stop, bodies on demand.

import { byId, choices, control, el, keepOneStop, rove, say } from "./dom.js";
import { hour, shortened } from "./words.js";

/** The maximum number of lines. */
const MOST = 200;

const lines = new Map();
let names = new Map();
let isPaused = false;

export function begin(open) {
  const all = () => [...byId("log").querySelectorAll("li:not([hidden]) button")];
  rove(byId("log"), all, () => ({ ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10 }));
  byId("log").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) open(Number(button.dataset.index), names);
  });
  byId("shown").addEventListener("change", filter);
  byId("pause").addEventListener("click", () => {
    isPaused = !isPaused;
    byId("pause").setAttribute("aria-pressed", String(isPaused));
    say(byId("pause"), isPaused ? "Continue" : "Pause");
  });
}

/** Clears the log, because another emulator answers now. */
export function forget() {
  lines.clear();
  byId("log").replaceChildren();
}

/** The index to continue from: the first missing line, because a response may have been delayed. */
function next() {
  const known = [...lines.keys()];
  const newest = Math.max(-1, ...known);
  let from = Math.max(0, newest - 50);
  while (from <= newest && lines.has(from)) from += 1;
  return from;
}

/** Reads new entries. */
export async function read(tenants) {
  names = new Map(tenants.flatMap((tenant) => [tenant.tenantId, ...tenant.domains].map((id) => [id, tenant.displayName])));
  if (isPaused) return;
  const entries = await control("GET", `requests?since=${next()}&last=${MOST}&bodies=false`);
  for (const entry of entries.filter((entry) => !lines.has(entry.index))) add(entry);
  const known = [...lines.keys()].sort((a, b) => a - b);
  for (const index of known.slice(0, Math.max(0, known.length - MOST))) {
    lines.get(index).node.remove();
    lines.delete(index);
  }
  filter();
}

function add(entry) {
  const node = line(entry);
  lines.set(entry.index, { entry, node });
  const after = [...byId("log").children].find((other) => Number(other.dataset.index) < entry.index);
  byId("log").insertBefore(node, after ?? null);
}

const isFailure = (entry) => entry.status === 0 || entry.status >= 400 || Boolean(entry.fault);

function filter() {
  const fits = { all: () => true, writes: (entry) => entry.method !== "GET" && entry.path.startsWith("/"), failures: isFailure };
  let shown = 0;
  for (const { entry, node } of lines.values()) {
    node.hidden = !fits[byId("shown").value](entry);
    if (!node.hidden) shown += 1;
  }
  byId("log-empty").hidden = shown > 0;
  keepOneStop([...byId("log").querySelectorAll("li:not([hidden]) button")]);
}

function line(entry) {
  const path = entry.path + (entry.query ? `?${entry.query}` : "");
  const tone = isFailure(entry) ? "bad" : entry.method === "GET" ? "read" : "write";
  const facts = [
    hour(entry.time),
    names.get(entry.tenant) ?? entry.tenant ?? "no tenant",
    `${entry.duration_ms} ms`,
    ...(entry.path.startsWith("/beta") ? ["beta"] : []),
    ...(entry.batch === null ? [] : ["in a batch"]),
  ];
  const button = el(
    "button",
    { type: "button", tabIndex: -1, "data-index": entry.index },
    el("span", { className: `method ${tone}` }, entry.method),
    el("span", { className: "path", title: path }, ...broken(shortened(path.replace(/^\/(v1\.0|beta)(?=\/)/, "")))),
    el("span", { className: `code ${isFailure(entry) ? "bad" : ""}` }, entry.status === 0 ? "cut" : String(entry.status)),
    el("span", { className: "facts" }, facts.join(" · ")),
  );
  if (entry.fault) button.append(el("span", { className: "tag fault" }, `Fault: ${entry.fault}`));
  return el("li", { "data-index": entry.index, className: entry.batch === null ? "" : "part" }, button);
}

/** A path with a line break opportunity after each slash. */
const broken = (path) => path.split(/(?<=\/)/).flatMap((part) => [part, el("wbr")]);

/** Shows the pending faults, and the tenants in the form. */
export function showFaults(faults, tenants) {
  byId("waiting").hidden = faults.left === 0;
  const orders = faults.orders.map((order) => {
    const which = [order.method, order.path ?? "any path"].filter(Boolean).join(" ");
    return `${order.kind}: ${which}, ${order.count} left`;
  });
  const list = byId("waiting-orders");
  if (list.signature !== orders.join("\n")) {
    list.signature = orders.join("\n");
    list.replaceChildren(...orders.map((text) => el("li", {}, text)));
  }
  choices(byId("fault-tenant"), [["", "Any"], ...tenants.map((tenant) => [tenant.tenantId, tenant.displayName])]);
}
