// Simple pictures: what was seen, and how deep the water stands on a person.

import { draw } from "../dom.js";

const WAVE = "M3 26q3.500-3 7 0t7 0t7 0t5 0";
const LINES = {
  "flooded-road": ["M7 22L13 5M25 22L19 5M16 7v3M16 14v4", WAVE],
  "flooded-building": ["M5 15L16 5L27 15M8 13v9M24 13v9M13 22v-6h6v6", WAVE],
  "river-high": ["M3 14q3.500-3 7 0t7 0t7 0t5 0", "M3 20q3.500-3 7 0t7 0t7 0t5 0", WAVE, "M16 10V3M12 6l4-4l4 4"],
  "blocked-drain": ["M6 8h20v14H6zM11 8v14M16 8v14M21 8v14M4 4l24 24"],
  damage: ["M6 27V8h20v19M6 27h20M17 8l-4 6l5 4l-4 9"],
  "people-in-danger": ["M16 4L29 27H3zM16 12v8M16 23v1"],
  other: ["M11 11a5 5 0 1 1 7 5q-2 1-2 4M16 24v1"],
};

export const icon = (category) =>
  draw("svg", { viewBox: "0 0 32 32", class: "icon", "aria-hidden": true }, ...LINES[category].map((d) => draw("path", { d })));

/** Where the water stands in the drawing of a person, whose feet are at 100. */
export const WATER_Y = { ankle: 91, knee: 76, waist: 54, chest: 36 };

export function person() {
  return draw("svg", { viewBox: "0 0 60 104", class: "person", "aria-hidden": true },
    draw("circle", { cx: 30, cy: 11, r: 8 }),
    draw("path", { d: "M22 22h16q4 0 5 5l3 25q0 3-2.500 3t-3-3l-2.500-17v17l-1.500 48h-6l-1-44l-1 44h-6l-1.500-48V35l-2.500 17q-.5 3-3 3t-2.500-3l3-25q1-5 5-5z" }),
    draw("rect", { class: "water", x: 0, y: 104, width: 60, height: 104 }));
}
