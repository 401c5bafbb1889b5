// The two tenants: their users and groups, the result of the last cycle, and the policies of both.

import { byId, choices, el, fill, keepOneStop, rove, say } from "./dom.js";
import { flow } from "./flow.js";
import { initials, standing } from "./words.js";

const rows = new Map();
let shownPair = "";

/** The query for the overview. */
export function wanted() {
  const query = new URLSearchParams();
  for (const side of ["source", "target"]) query.set(side, byId(side).value);
  query.set("find", byId("find").value.trim());
  return query;
}

/** Selects two tenants, which the next overview shows. */
export function choose(source, target) {
  byId("source").value = source;
  byId("target").value = target;
}

/** `change(tenant, kind, id)` is called when a user or group is clicked. */
export function begin(change, refresh) {
  for (const id of ["source", "target"]) byId(id).addEventListener("change", refresh);
  byId("find").addEventListener("input", refresh);
  const all = () => [...byId("rows").querySelectorAll("button:not([disabled])")];
  const beside = (items, at, step) => {
    // The nearest row with a button on the same side.
    const side = items[at]?.dataset.side;
    for (let to = at + step; to >= 0 && to < items.length; to += step) {
      if (items[to].dataset.side === side) return to - at;
    }
    return 0;
  };
  rove(byId("rows"), all, (items, at) => ({
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: beside(items, at, 1),
    ArrowUp: beside(items, at, -1),
  }));
  byId("rows").addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (button) change(button.dataset.tenant, button.dataset.kind, button.dataset.id);
  });
}

/** Shows the two tenants of an overview. */
export function show({ tenants, pair }) {
  const options = tenants.map((tenant) => [tenant.tenantId, tenant.displayName]);
  for (const side of ["source", "target"]) {
    choices(byId(side), options);
    if (pair[side]) byId(side).value = pair[side];
  }
  const names = new Map(options);
  const name = { source: names.get(pair.source), target: names.get(pair.target) ?? "" };
  showPolicies(pair.policies, name);
  const view = `${pair.source} ${pair.target} ${byId("find").value}`;
  const changes = showRows(pair, name);
  if (view === shownPair) flow(changes);
  shownPair = view;
  keepOneStop([...byId("rows").querySelectorAll("button:not([disabled])")]);
  const there = pair.people.filter((row) => row.source && row.target && row.target.state !== "deleted").length;
  say(byId("tally"), pair.target ? `${there} of ${pair.people.filter((row) => row.source).length} in both` : "");
  const left = pair.total - pair.people.length;
  byId("more").hidden = left === 0;
  say(byId("more"), `${left} more. Find a user or group by name.`);
}

function showPolicies(policies, name) {
  const at = policies ?? { source: {}, target: {} };
  const lists = {
    source: [
      [`${name.target} is a partner`, at.source.partner],
      ["Automatic redemption, outbound", at.source.automaticRedemption],
    ],
    target: [
      [`${name.source} is a partner`, at.target.partner],
      ["Automatic redemption, inbound", at.target.automaticRedemption],
      ["Users may be synchronized", at.target.users],
      ["Groups may be synchronized", at.target.groups],
    ],
  };
  for (const side of ["source", "target"]) {
    fill(byId(`${side}-policies`), policies ? lists[side] : [], ([text, isSet]) =>
      el("li", { className: isSet ? "set" : "unset" }, text, el("span", { className: "hidden" }, isSet ? ": yes" : ": no")),
    );
  }
}

/** Updates the rows, and returns those whose copy has changed. */
function showRows(pair, name) {
  const changes = [];
  const seen = new Set();
  let before = null;
  for (const person of pair.people) {
    const key = `${pair.source} ${pair.target} ${person.key}`;
    seen.add(key);
    const row = rows.get(key) ?? makeRow(key);
    const kind = difference(row.person, person);
    if (kind) changes.push({ row: row.node, from: row.source.cell, to: row.target.cell, kind, text: initials((person.source ?? person.target)?.displayName) });
    if (row.signature !== JSON.stringify(person)) update(row, person, pair, name);
    const place = before ? before.nextSibling : byId("rows").firstChild;
    if (place !== row.node) byId("rows").insertBefore(row.node, place);
    before = row.node;
  }
  for (const [key, row] of rows) {
    if (seen.has(key)) continue;
    row.node.remove();
    rows.delete(key);
  }
  return changes;
}

/** The change of a copy between two polls. */
function difference(before, now) {
  if (!before) return null;
  const state = (row) => (row.target && row.target.state !== "deleted" ? JSON.stringify(row.target) : "");
  const [was, is] = [state(before), state(now)];
  if (was === is) return null;
  if (was === "") return "arrive";
  return is === "" ? "leave" : "update";
}

function makeRow(key) {
  const made = { source: makeSide("source"), target: makeSide("target"), signature: "" };
  made.what = el("span", { className: "what" });
  made.why = el("span", { className: "why" });
  const arrow = el("span", { className: "arrow", "aria-hidden": "true" });
  const lane = el("td", { role: "gridcell", className: "lane" }, made.what, made.why, arrow);
  made.node = el("tr", { role: "row" }, made.source.cell, lane, made.target.cell);
  rows.set(key, made);
  return made;
}

function makeSide(side) {
  const avatar = el("span", { className: "avatar", "aria-hidden": "true" });
  const name = el("span", { className: "name" });
  const login = el("span", { className: "login" });
  const tags = el("span", { className: "tags" });
  const verb = el("span", { className: "hidden" }, "Change ");
  const text = el("span", { className: "text" }, verb, name, " ", login, " ", tags);
  const button = el("button", { type: "button", className: "person", tabIndex: -1, "data-side": side }, avatar, text);
  return { cell: el("td", { role: "gridcell", className: "side" }, button), button, avatar, name, login, tags };
}

function update(row, person, pair, name) {
  row.signature = JSON.stringify(person);
  row.person = person;
  const { flow: drawn, what, why } = standing(person, name.target);
  row.node.dataset.flow = drawn;
  say(row.what, what);
  say(row.why, why);
  for (const side of ["source", "target"]) updateSide(row[side], person, side, pair[side]);
}

function updateSide(part, person, side, tenant) {
  const object = person[side];
  part.button.hidden = !object;
  if (!object) {
    part.button.disabled = true;
    return;
  }
  part.button.disabled = object.state === "deleted";
  Object.assign(part.button.dataset, { tenant, kind: person.kind, id: object.id });
  part.avatar.dataset.kind = person.kind;
  say(part.avatar, initials(object.displayName));
  say(part.name, object.displayName ?? "(no name)");
  const login = object.userPrincipalName ?? (person.kind === "Group" ? "Group" : "");
  say(part.login, login);
  part.login.title = login;
  const tags = [];
  if (object.state !== "active") tags.push(object.state === "deleted" ? "Deleted" : "Disabled");
  if (object.userType === "Guest") tags.push("Guest");
  fill(part.tags, tags, (text) => el("span", { className: `tag ${text.toLowerCase()}` }, text));
}

/** The users and groups that are shown, for a select: tenant, kind, ID and name. */
export function everyone({ tenants, pair }) {
  const found = [];
  for (const side of ["source", "target"]) {
    const tenant = tenants.find((one) => one.tenantId === pair[side]);
    for (const person of pair.people) {
      const object = person[side];
      if (object && object.state !== "deleted") {
        found.push({ tenant: pair[side], kind: person.kind, id: object.id, name: `${object.displayName} (${tenant.displayName})` });
      }
    }
  }
  return found;
}

