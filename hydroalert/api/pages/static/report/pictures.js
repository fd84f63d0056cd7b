// Pictures: chosen, shown small, and sent one after another with their progress, again and again until they arrive.

import { Problem, insist, problemOf } from "../asking.js";
import { element } from "../dom.js";
import { explain, say } from "./language.js";

const MOST = 5;
const PREVIEW_PX = 160;
const PATH = "/api/v1/reports/tracked/evidence";

/** A list of pictures below `root`, with a button to add one; `onAdd` where each goes out as soon as it is chosen. */
export class Pictures {
  constructor(root, onAdd = null) {
    this.root = root;
    this.onAdd = onAdd;
    this.clear();
  }

  clear() {
    this.files = [];
    this.input = element("input", { type: "file", accept: "image/jpeg,image/png,image/webp", multiple: true, change: () => this.#take() });
    this.adding = element("label", { class: "button add" }, this.input, element("span", { "data-word": "add_picture" }, say("add_picture")));
    this.root.replaceChildren(this.adding);
  }

  #take() {
    for (const file of [...this.input.files].slice(0, MOST - this.files.length)) {
      this.files.push(file);
      if (this.onAdd) this.onAdd(file);
      else this.adding.before(this.#shown(file));
    }
    this.input.value = "";
    this.adding.hidden = this.files.length >= MOST;
  }

  #shown(file) {
    const remove = element("button", { type: "button", class: "quiet", "aria-label": say("remove"), click: () => {
      this.files.splice(this.files.indexOf(file), 1);
      shown.remove();
      this.adding.hidden = false;
    } }, "×");
    const shown = element("div", { class: "picture" }, preview(file), remove);
    return shown;
  }
}

/** Pictures go out one at a time: on a thin line, five at once would all be late. */
let queue = Promise.resolve();

/** Send one picture of the report with that code; its row appears below `root`. The very same bytes sent twice are one. */
export function sendPicture(root, code, file) {
  const bar = element("progress", { max: 1, value: 0 });
  const word = element("span", { role: "status" }, say("upload_waits"));
  root.append(element("div", { class: "picture wide" }, preview(file), element("div", {}, bar, word)));
  const onProgress = (share) => { bar.value = share; word.textContent = say("uploading", { percent: Math.round(share * 100) }); };
  queue = queue.then(async () => {
    try {
      await insist(() => post(code, file, onProgress), { onWait: () => { word.textContent = say("upload_waits"); } });
      bar.value = 1;
      word.textContent = say("uploaded");
    } catch (error) {
      bar.remove();
      word.className = "fault";
      word.textContent = say("picture_gone", { why: explain(error) });
    }
  });
  return queue;
}

/** fetch tells nothing of an upload's progress, XMLHttpRequest does. */
function post(code, file, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", PATH);
    request.setRequestHeader("X-Tracking-Code", code);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.upload.addEventListener("progress", ({ loaded, total }) => onProgress(total ? loaded / total : 0));
    request.addEventListener("load", () => (request.status < 300 ? resolve()
      : reject(problemOf(request.status, request.responseText, request.getResponseHeader("Retry-After")))));
    for (const fault of ["error", "timeout", "abort"]) request.addEventListener(fault, () => reject(new Problem(0)));
    request.timeout = 600_000;
    request.send(file);
  });
}

/** Drawn on a canvas: the page's policy lets no image but the server's own load. */
function preview(file) {
  const canvas = element("canvas", { width: PREVIEW_PX, height: PREVIEW_PX, role: "img", "aria-label": file.name });
  createImageBitmap(file).then((image) => {
    const scale = Math.max(PREVIEW_PX / image.width, PREVIEW_PX / image.height);
    const [wide, tall] = [image.width * scale, image.height * scale];
    canvas.getContext("2d").drawImage(image, (PREVIEW_PX - wide) / 2, (PREVIEW_PX - tall) / 2, wide, tall);
    image.close();
  }).catch(() => { /* the server says what is wrong with it */ });
  return canvas;
}
