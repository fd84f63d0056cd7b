// How states, steps and categories are called, and which step is taken by which key.

export const STATES = {
  submitted: "submitted", under_review: "under review", verified: "verified", rejected: "rejected", duplicate: "duplicate", resolved: "resolved",
};

/** By the state that a step leads to. `final`: only an administrator takes it back. */
export const STEPS = {
  under_review: { word: "Review", key: "r", asks: false },
  verified: { word: "Verify", key: "v", asks: true, final: true, look: "main" },
  rejected: { word: "Reject", key: "x", asks: true, final: true, look: "bad" },
  duplicate: { word: "Duplicate of …", key: "d", asks: true, final: true },
  resolved: { word: "Resolve", key: "o", asks: true, final: true },
  submitted: { word: "Put back", key: "b", asks: true },
};

const OPERATORS = { submitted: ["under_review"], under_review: ["verified", "rejected", "duplicate", "submitted"], verified: ["resolved"] };
const ADMINS = { verified: ["under_review"], rejected: ["under_review"], duplicate: ["under_review"], resolved: ["under_review"] };

/** The steps that somebody of that role may take from a state. */
export function stepsFrom(state, role) {
  if (role === "viewer") return [];
  return [...(OPERATORS[state] ?? []), ...(role === "admin" ? ADMINS[state] ?? [] : [])];
}

export const CATEGORIES = ["people-in-danger", "flooded-building", "river-high", "damage", "flooded-road", "blocked-drain", "other"];

export const plain = (category) => category.replaceAll("-", " ");

export const depthText = ({ depth, depth_word = depth, depth_cm }) =>
  (depth_cm === null || depth_cm === undefined ? "depth not said" : `${depth_word ? `${depth_word}-deep, ` : ""}${depth_cm} cm`);
