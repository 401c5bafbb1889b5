// Texts for the responses of Graph: pure functions of JSON.

const DONE = {
  create: "Created",
  update: "Updated",
  delete: "Removed",
  stagedDelete: "Deletion held back",
  disable: "Disabled",
  other: "Unchanged",
};

/** Formats a timestamp of Graph as `14:03:22`. */
export const hour = (moment) => (moment ?? "").slice(11, 19);

/** Formats a timestamp as `2026-11-30 14:03:22 UTC`. */
export const moment = (text) => `${text.slice(0, 10)} ${hour(text)} UTC`;

/** Formats the time between two timestamps as `39 min`. */
export function span(from, to) {
  const seconds = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 90 * 60) return `${Math.round(seconds / 60)} min`;
  const hours = Math.round(seconds / 3600);
  return hours < 48 ? `${hours} h` : `${Math.round(hours / 24)} days`;
}

/** `1 user`, `2 users`. */
export const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

/** A path with shortened job IDs and GUIDs. */
export const shortened = (path) =>
  path.replace(/\.[0-9a-f]{32}\.[0-9a-f-]{36}/gi, "…").replace(/([0-9a-f]{8})(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, "$1…");

/** The initials of a name. */
export function initials(name) {
  const words = (name ?? "").split(/\s+/).filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = [words[0], words.length > 1 ? words[words.length - 1] : ""];
  return letters.map((word) => [...(word ?? "")][0] ?? "").join("").toUpperCase() || "?";
}

/** The state of a row: `flow` determines its style, `what` and `why` are its text. */
export function standing(row, target) {
  const { source, last } = row;
  if (!source) {
    if (!row.left) return { flow: "own", what: `Only in ${target}`, why: "" };
    if (row.target?.state === "deleted") return { flow: "gone", what: "Removed", why: "The source object is gone" };
    return { flow: "left", what: "Left behind", why: "The source object is gone" };
  }
  if (!last) {
    if (row.assigned && !row.target) return { flow: "waiting", what: "Assigned", why: "Not synchronized yet" };
    return { flow: row.target ? "own" : "none", what: row.target ? "In both" : "Not assigned", why: "" };
  }
  if (last.status === "success") {
    const flow = row.target ? (row.target.state === "deleted" ? "gone" : "done") : "gone";
    return { flow, what: DONE[last.action] ?? last.action, why: `at ${hour(last.time)}` };
  }
  if (last.status === "failure") return { flow: "failed", what: "Failed", why: last.reason || last.code };
  return skipped(row, last);
}

function skipped(row, last) {
  if (last.code === "NotEffectivelyEntitled") {
    if (row.assigned) return { flow: "waiting", what: "Assigned", why: "Waits for the next cycle" };
    return { flow: "none", what: "Not assigned", why: "" };
  }
  const reason = (last.reason ?? "").replace(/^The \w+ is not in scope: /, "");
  if (reason.includes("alternativeSecurityIds")) {
    return { flow: "skipped", what: "Skipped", why: "Guest, or signs in by SMS" };
  }
  return { flow: "skipped", what: "Skipped", why: reason || last.code };
}

/** The counts of an execution. */
export function counted({ countImported, countExported, countEscrowed }) {
  const failed = countEscrowed > 0 ? `, ${countEscrowed} failed` : "";
  return `${count(countImported, "object")} evaluated, ${countExported} written${failed}`;
}

/** The result of a cycle, in a sentence. */
export function cycled({ quarantine, lastExecution }, name) {
  if (quarantine) return `${name}: quarantine. ${quarantine.error.message}`;
  return `${name}: ${lastExecution ? counted(lastExecution) : "did not run"}.`;
}

/** The state of a job in a word, and its style. */
export function jobState(job) {
  if (job.underway) return ["Cycle under way", "busy"];
  if (job.code === "Quarantine") return ["Quarantine", "bad"];
  return job.state === "Active" ? ["Active", "good"] : [job.state, "idle"];
}
