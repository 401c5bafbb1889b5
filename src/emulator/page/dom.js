// Elements and requests. Text is inserted as a text node and never as markup, so a name such as "<img onerror=...>" is shown literally.

export const byId = (id) => document.getElementById(id);

/** Creates an element with properties and children. Names with `data-` or `aria-` are attributes. */
export function el(tag, properties = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role") made.setAttribute(name, value);
    else made[name] = value;
  }
  made.append(...children);
  return made;
}

/** Sets a text if it differs, so that nothing is announced or repainted twice. */
export function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Replaces the children of a list if they differ. */
export function fill(list, items, make) {
  const signature = JSON.stringify(items);
  if (list.signature === signature) return;
  list.signature = signature;
  list.replaceChildren(...items.map(make));
}

/** Fills a select and keeps its value. */
export function choices(select, options) {
  const chosen = select.value;
  fill(select, options, ([value, text]) => el("option", { value }, text));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}

/** Sends a request to a control path; an error contains the message of the emulator. */
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

/** Moves the focus in a group of elements that is a single tab stop (roving tabindex). */
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

/** Makes one of the elements the tab stop of the group. */
export function keepOneStop(items) {
  if (items.length > 0 && !items.some((item) => item.tabIndex === 0)) items[0].tabIndex = 0;
}
