// What every page needs of the document: elements, and times as people read them.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element with its attributes (a function listens to the event of that name) and children; null ones are left out. */
export function element(name, { svg = false, ...attributes } = {}, ...children) {
  const made = svg ? document.createElementNS(SVG, name) : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") made.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(key, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

export const draw = (name, attributes, ...children) => element(name, { svg: true, ...attributes }, ...children);

export const clock = (moment) =>
  new Date(moment).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });

/** Day and time, the day only where it is not today, the year only where it is another. */
export function moment(at, language) {
  const day = new Date(at), now = new Date();
  const year = day.getFullYear() === now.getFullYear() ? {} : { year: "numeric" };
  const date = day.toDateString() === now.toDateString() ? {} : { day: "numeric", month: "short", ...year };
  return day.toLocaleString(language ?? [], { ...date, hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
}

/** How long ago, or how long it took, in the largest unit that says enough. */
export function span(s) {
  if (s < 90) return `${Math.round(s)} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  if (s < 172_800) return `${Math.round(s / 3600)} h`;
  return `${Math.round(s / 86_400)} d`;
}

export const distance = (m) => (m < 1000 ? `${Math.round(m)} m` : `${(m / 1000).toFixed(1)} km`);

/** Ask before what cannot be undone; `dialog` holds a `form[method=dialog]` whose buttons have values. */
export function confirmed(dialog) {
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}
