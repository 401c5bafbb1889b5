// Animation between the two tenants: a token for each copy that was just created, changed or removed.

import { el } from "./dom.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");

/** The maximum number of simultaneous tokens; above it, only the rows are highlighted. */
const MOST = 40;

/** Highlights the rows that have just changed, and animates tokens unless the user prefers reduced motion. */
export function flow(changes) {
  changes.slice(0, MOST).forEach(({ row, from, to, kind, text }, at) => {
    row.classList.remove("news");
    void row.offsetWidth; // Restarts the animation.
    row.classList.add("news");
    if (!calm.matches && isSeen(row)) travel(place(from), place(to), kind, text, at * 70);
  });
}

function isSeen(row) {
  const { bottom, top } = row.getBoundingClientRect();
  return bottom > 0 && top < innerHeight;
}

/** The position of the initials in a cell. */
function place(cell) {
  const { left, top } = cell.getBoundingClientRect();
  return [left + 9, top + 8];
}

/** Tokens of created and changed copies move from the source to the target; those of removed copies fade out in place. */
function travel(start, end, kind, text, delay) {
  const token = el("span", { className: `avatar token ${kind}`, "aria-hidden": "true" }, text);
  const [left, top] = kind === "leave" ? end : start;
  token.style.left = `${left}px`;
  token.style.top = `${top}px`;
  document.body.append(token);
  const [x, y] = [end[0] - start[0], end[1] - start[1]];
  const at = (part) => `translate(${x * part}px, ${y * part}px)`;
  const frames =
    kind === "leave"
      ? [{ opacity: 1 }, { transform: "translate(28px, 0) scale(0.6)", opacity: 0 }]
      : [
          { transform: at(0), opacity: 0 },
          { transform: at(0.1), opacity: 1, offset: 0.12 },
          { transform: at(0.97), opacity: 1, offset: 0.9 },
          { transform: at(1), opacity: 0 },
        ];
  const moving = token.animate(frames, { duration: 1100, delay, easing: "cubic-bezier(.45,.05,.25,1)", fill: "both" });
  moving.finished.finally(() => token.remove());
}
