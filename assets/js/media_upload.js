// Files from this computer into the library: each is one PUT of its raw bytes with the progress of the upload, dropped anywhere
// on the page or chosen. What a file is, the server decides by its content.
import { createElement as h, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useT } from "./i18n";
import { sayProblem } from "./shell";

const WHERE = "/api/v1/assets";
let going = [];
const watchers = new Set();
const watch = (callback) => {
  watchers.add(callback);
  return () => watchers.delete(callback);
};
function change(list) {
  going = list;
  watchers.forEach((callback) => callback());
}
const alter = (id, part) => change(going.map((one) => (one.id === id ? { ...one, ...part } : one)));

export const chooseFiles = () => document.getElementById("media-files")?.click();

// Send one file; what it becomes in the library is returned, null where it was refused (which is said) or stopped.
export function put(file, { name = file.name.slice(-200), origin = "uploaded", onStart, onShare } = {}) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    onStart?.(() => request.abort());
    request.open("PUT", `${WHERE}?name=${encodeURIComponent(name)}&origin=${origin}`);
    request.setRequestHeader("content-type", "application/octet-stream");
    request.setRequestHeader("accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && onShare?.(event.loaded / event.total);
    const answered = () => {
      let told = {};
      try {
        told = JSON.parse(request.responseText || "{}");
      } catch {
        // A proxy's own page: the sentence for "not available" stands in.
      }
      const taken = request.status > 199 && request.status < 300;
      if (!taken) sayProblem(told, request.status);
      done(taken ? told : null);
    };
    request.onload = answered;
    request.onerror = answered;
    request.onabort = () => done(null);
    request.send(file);
  });
}

// One after the other: ten pictures of a phone at once would only wait for each other.
let queue = Promise.resolve();
function take(files, onDone) {
  const added = [...files].map((file) => [{ id: `${Date.now()}-${Math.random()}`, name: file.name, share: 0, stop: () => {} }, file]);
  change([...going, ...added.map(([one]) => one)]);
  for (const [one, file] of added) {
    one.stop = () => change(going.filter((other) => other.id !== one.id));
    queue = queue.then(async () => {
      if (!going.some((other) => other.id === one.id)) return;
      const kept = await put(file, { onStart: (stop) => (one.stop = stop), onShare: (share) => alter(one.id, { share }) });
      change(going.filter((other) => other.id !== one.id));
      if (kept) onDone?.();
    });
  }
}

// A button that uploads one file and tells its id.
export function PickFile({ accept, onDone, children }) {
  const t = useT();
  const [share, setShare] = useState(null);
  const field = useRef(null);
  const chosen = async (event) => {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    setShare(0);
    const told = await put(file, { onShare: setShare });
    setShare(null);
    if (told) onDone?.(told.id);
  };
  return [
    h("input", { key: "file", ref: field, type: "file", hidden: true, accept, onChange: chosen, "aria-label": t("media.upload", "Upload") }),
    h("button", { key: "button", type: "button", className: "btn sm", disabled: share !== null, onClick: () => field.current?.click() }, children),
    share === null ? null : h("progress", { key: "share", max: 1, value: share, "aria-label": t("media.upload", "Upload") }),
  ];
}

const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

export function Uploads({ accept, onDone }) {
  const t = useT();
  const list = useSyncExternalStore(watch, () => going, () => going);
  const done = useRef(onDone);
  done.current = onDone;
  useEffect(() => {
    const place = () => document.querySelector(".pics");
    const over = (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      place()?.classList.add("dropping");
    };
    const out = (event) => event.relatedTarget === null && place()?.classList.remove("dropping");
    const drop = (event) => {
      if (!carriesFiles(event)) return;
      event.preventDefault();
      place()?.classList.remove("dropping");
      take(event.dataTransfer.files, () => done.current?.());
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", out);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", out);
      removeEventListener("drop", drop);
    };
  }, []);
  const chosen = (event) => {
    take(event.target.files, () => done.current?.());
    event.target.value = "";
  };
  return [
    h("input", { key: "files", id: "media-files", type: "file", multiple: true, hidden: true, accept, onChange: chosen, "aria-label": t("media.upload", "Upload") }),
    h("ul", { key: "list", className: "uploads", "aria-label": t("media.uploads", "Uploads"), hidden: !list.length },
      list.map((one) => h("li", { key: one.id },
        h("span", { dir: "auto" }, one.name),
        h("progress", { max: 1, value: one.share, "aria-label": one.name }),
        h("button", { type: "button", className: "btn quiet sm", onClick: () => one.stop() }, t("media.stop", "Stop"))))),
  ];
}
