// How states, steps and categories are called, and which step is taken by which key.

export const STATES = {
  submitted: "submitted", under_review: "under review", verified: "verified", rejected: "rejected", duplicate: "duplicate", resolved: "resolved",
};

/** By the state that a step leads to. `final`: only an administrator takes it back. */
export const STEPS = {
  under_review: { word: "Review", key: "r" },
  verified: { word: "Verify", key: "v", final: true, look: "main" },
  rejected: { word: "Reject", key: "x", final: true, look: "bad" },
  duplicate: { word: "Duplicate of …", key: "d", final: true },
  resolved: { word: "Resolve", key: "o", final: true },
  submitted: { word: "Put back", key: "b" },
};

export const CATEGORIES = ["people-in-danger", "flooded-building", "river-high", "damage", "flooded-road", "blocked-drain", "other"];

export const plain = (category) => category.replaceAll("-", " ");

export const depthText = ({ depth, depth_cm }) =>
  (depth_cm === null || depth_cm === undefined ? "depth not said" : `${depth ? `${depth}-deep, ` : ""}${depth_cm} cm`);
