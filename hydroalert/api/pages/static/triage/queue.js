// The queue: the most urgent first, each with its priority and the heaviest reasons.

import { byId, element, span } from "../dom.js";
import { STATES, depthText, plain } from "./words.js";

const REASONS_SHOWN = 3;

/** `onChoose(id)`: somebody wants to see a report. */
export function drawQueue(reports, chosen, onChoose) {
  byId("queue").replaceChildren(...reports.map((one) => item(one, one.id === chosen, onChoose)));
  byId("empty").hidden = reports.length > 0;
  byId("empty").textContent = "Nothing here: no report matches these filters.";
}

function item(report, isChosen, onChoose) {
  const age = span((Date.now() - Date.parse(report.submitted_at)) / 1000);
  const marks = [report.cluster ? `cluster of ${report.cluster.size}` : null,
    report.pictures ? `${report.pictures} ${report.pictures === 1 ? "picture" : "pictures"}` : null,
    report.assigned_to ? `→ ${report.assigned_to}` : null, report.withdrawn_at ? "withdrawn" : null].filter(Boolean);
  return element("li", { class: `${report.severity} ${isChosen ? "chosen" : ""}`, "data-code": report.id },
    element("button", { type: "button", class: "entry", "aria-current": isChosen, click: () => onChoose(report.id) },
      bar(report.priority),
      element("span", { class: "said" }, element("strong", {}, plain(report.category)), ` ${depthText(report)}`),
      element("span", { class: "soft" }, [STATES[report.state], `${age} ago`, ...marks].join(" · ")),
      ...heaviest(report.reasons).map((one) => element("span", { class: "reason" }, points(one.points), ` ${one.words}`))));
}

export function bar(priority) {
  const fill = element("span", { class: "fill" });
  fill.style.width = `${priority}%`;
  return element("span", { class: "priority", title: `priority ${priority} of 100` }, element("span", { class: "track" }, fill), element("b", {}, String(priority)));
}

export const points = (number) => element("span", { class: `points ${number < 0 ? "less" : ""}` }, `${number < 0 ? "−" : "+"}${Math.abs(number)}`);

const heaviest = (reasons) => [...reasons].sort((one, other) => Math.abs(other.points) - Math.abs(one.points)).slice(0, REASONS_SHOWN);
