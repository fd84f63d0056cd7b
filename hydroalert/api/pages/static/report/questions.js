// The questions that are answered with one tap: what, how deep, when.

import { byId, element } from "../dom.js";
import { WATER_Y, icon, person } from "./icons.js";

const CATEGORIES = ["flooded-road", "flooded-building", "river-high", "blocked-drain", "damage", "people-in-danger", "other"];
const TIMES_MIN = { now: 0, m15: 15, h1: 60 };

const choice = (name, value, word, ...before) => element("label", { class: "tile" },
  element("input", { type: "radio", name, value }), ...before, element("span", { "data-word": word }));

export function askQuestions() {
  byId("categories").replaceChildren(...CATEGORIES.map((one) => choice("category", one, one, icon(one))));
  const figure = person();
  const depths = [...Object.keys(WATER_Y).reverse().map((one) => choice("depth", one, one)), choice("depth", "", "unknown")];
  byId("depths").replaceChildren(figure, element("div", { class: "choices tall" }, ...depths));
  byId("depths").addEventListener("change", ({ target }) => {
    figure.querySelector(".water").style.transform = `translateY(${(WATER_Y[target.value] ?? 104) - 104}px)`;
  });
  byId("times").replaceChildren(...[...Object.keys(TIMES_MIN), "at_other"].map((one) => choice("time", one, one)));
  byId("times").addEventListener("change", ({ target }) => { byId("other_time").hidden = target.value !== "at_other"; });
  resetQuestions();
}

export function resetQuestions() {
  byId("form").reset();
  byId("times").querySelector("input").checked = true;
  byId("other_time").hidden = true;
  byId("depths").querySelector(".water").style.transform = "";
}

export const answered = (name) => byId("form").elements[name].value || null;

/** When it was seen, in UTC; null where it is not said, or is to come. */
export function seenAt() {
  const minutes = TIMES_MIN[answered("time")];
  const at = minutes === undefined ? new Date(byId("seen_at").value) : new Date(Date.now() - minutes * 60_000);
  return Number.isNaN(at.getTime()) || at > new Date() ? null : at.toISOString();
}
