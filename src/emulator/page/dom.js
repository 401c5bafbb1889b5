// Elements and requests. Text becomes a text node, never markup: a name such as "<img onerror=...>" is shown as it is.

export const byId = (id) => document.getElementById(id);

/** An element with properties, and with texts or elements in it. `data-` and `aria-` names are attributes. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Sets a text where it differs, so that nothing is announced or repainted twice. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Replaces the children of a list where what they show differs. */
export function fill(list, items, make) {
  const signature = JSON.stringify(items);
  if (list.signature === signature) return;
  list.signature = signature;
  list.replaceChildren(...items.map(make));
}

/** Fills a select, and keeps what is chosen. */
export function choices(select, options) {
  const chosen = select.value;
  fill(select, options, ([value, text]) => el("option", { value }, text));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

/** Asks a control path; an error is the emulator's own sentence. */
export async function control(method, path, body) {
  const answer = await fetch(`/_emulator/${path}`, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  const json = text === "" ? null : JSON.parse(text);
  if (!answer.ok) throw new Error(json?.error ?? `The emulator answered ${answer.status}.`);
  return json;
}

/** Moves the focus among elements of which one at a time is a stop of the Tab key. */
export function rove(container, all, steps) {
  container.addEventListener("keydown", (event) => {
    const items = all();
    const at = items.indexOf(document.activeElement);
    const step = { Home: -items.length, End: items.length, ...steps(items, at) }[event.key];
    if (at < 0 || step === undefined) return;
    event.preventDefault();
    items[Math.min(Math.max(at + step, 0), items.length - 1)].focus();
  });
  container.addEventListener("focusin", (event) => {
    if (!all().includes(event.target)) return;
    for (const item of all()) item.tabIndex = item === event.target ? 0 : -1;
  });
}

/** Lets exactly one of the elements be a stop of the Tab key. */
export function keepOneStop(items) {
  if (items.length > 0 && !items.some((item) => item.tabIndex === 0)) items[0].tabIndex = 0;
}
