// Which language the page speaks, and the page said in it.

import { kept, keep } from "./kept.js";
import { WORDS } from "./words.js";

const wanted = kept("language") ?? navigator.language.slice(0, 2);
let language = wanted in WORDS ? wanted : "en";

export const spoken = () => language;

/** A word of the page, `{name}` filled in from `values`; of what has no word, the thing itself. */
export const say = (word, values = {}) =>
  (WORDS[language][word] ?? word).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** What was refused, in the language in force where it has words for it; else in the server's. */
export const explain = ({ message, more }) => (`refused_${more?.parameter}` in WORDS[language] ? say(`refused_${more.parameter}`) : message);

/** Put the other language in force. */
export function switchLanguage() {
  language = language === "en" ? "es" : "en";
  keep("language", language);
  translate();
}

/** Say all of `data-word` and `data-label` in the language in force. */
export function translate(root = document) {
  document.documentElement.lang = language;
  document.title = `HydroAlert: ${say("title")}`;
  for (const one of root.querySelectorAll("[data-word]")) one.textContent = say(one.dataset.word);
  for (const one of root.querySelectorAll("[data-label]")) one.setAttribute("aria-label", say(one.dataset.label));
  const other = document.getElementById("language");
  other.textContent = language === "en" ? "Español" : "English";
  other.lang = language === "en" ? "es" : "en";
}
