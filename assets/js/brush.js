// The part of a picture that is to change: painted by hand or given in numbers. Marks are kept as shares of the picture, so
// that they are the same at every size; the mask that is sent has the size of the picture itself and is transparent there.
import { createElement as h, useEffect, useRef, useState, useSyncExternalStore } from "react";
import { useT } from "./i18n";
import { put } from "./media_upload";

const LONGEST_PX = 1024; // of what is drawn on the screen
const COUNTED_PX = 120;
const NOTHING = { marks: [], size: 8, picture: null };

let store = NOTHING;
const watchers = new Set();
const watch = (callback) => {
  watchers.add(callback);
  return () => watchers.delete(callback);
};
function change(part) {
  store = { ...store, ...part };
  watchers.forEach((callback) => callback());
}
const useBrush = () => useSyncExternalStore(watch, () => store, () => NOTHING);

// Clearing is a mark as well, so that it can be undone.
const standing = (marks) => marks.slice(marks.findLastIndex((mark) => mark.kind === "clear") + 1);

function paint(context, width, height, marks) {
  context.lineCap = context.lineJoin = "round";
  for (const mark of standing(marks)) {
    if (mark.kind === "box") {
      context.fillRect(mark.x * width, mark.y * height, mark.w * width, mark.h * height);
      continue;
    }
    context.lineWidth = mark.size * Math.min(width, height);
    context.beginPath();
    mark.points.forEach(([x, y], at) => (at ? context.lineTo(x * width, y * height) : context.moveTo(x * width, y * height)));
    if (mark.points.length === 1) context.lineTo(mark.points[0][0] * width, mark.points[0][1] * height);
    context.stroke();
  }
}

function canvasOf(width, height) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width));
  canvas.height = Math.max(1, Math.round(height));
  return canvas;
}

// How much of the picture is painted, in whole percent; something painted is at least one.
function covered({ marks, picture }) {
  if (!picture || !standing(marks).length) return 0;
  const canvas = canvasOf(COUNTED_PX, (COUNTED_PX * picture.height) / picture.width);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  paint(context, canvas.width, canvas.height, marks);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  let painted = 0;
  for (let at = 3; at < data.length; at += 4) painted += data[at] > 127;
  return Math.max(1, Math.round((400 * painted) / data.length));
}

function maskOf({ marks, picture }) {
  const canvas = canvasOf(picture.width, picture.height);
  const context = canvas.getContext("2d");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.globalCompositeOperation = "destination-out";
  paint(context, canvas.width, canvas.height, marks);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
}

// The picture with what is painted over it. Painting is for a mouse, a pen or a finger; numbers do the same, see BrushTools.
export function BrushStage({ src, alt, painting }) {
  const { marks, picture } = useBrush();
  const canvas = useRef(null);
  const going = useRef(null);
  useEffect(() => {
    change(NOTHING);
    return () => change(NOTHING);
  }, [src]);
  const loaded = ({ currentTarget: image }) => change({ picture: { width: image.naturalWidth, height: image.naturalHeight } });
  // A picture that came before React did tells nothing any more.
  const image = (found) => {
    if (found?.complete && found.naturalWidth && !store.picture) loaded({ currentTarget: found });
  };
  const draw = (list) => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    context.clearRect(0, 0, canvas.current.width, canvas.current.height);
    context.fillStyle = context.strokeStyle = getComputedStyle(canvas.current).color;
    paint(context, canvas.current.width, canvas.current.height, list);
  };
  useEffect(() => draw(marks), [marks, picture, painting]);
  const place = (event) => {
    const box = canvas.current.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
  };
  const begin = (event) => {
    if (event.button !== 0 || !event.isPrimary) return;
    event.preventDefault();
    canvas.current.setPointerCapture(event.pointerId);
    going.current = { kind: "stroke", size: store.size / 100, points: [place(event)] };
    draw([...store.marks, going.current]);
  };
  const move = (event) => {
    if (!going.current) return;
    going.current.points.push(place(event));
    draw([...store.marks, going.current]);
  };
  const end = () => {
    if (!going.current) return;
    change({ marks: [...store.marks, going.current] });
    going.current = null;
  };
  const scale = picture ? Math.min(1, LONGEST_PX / Math.max(picture.width, picture.height)) : 0;
  return h("div", { className: "brush-stage", dir: "ltr" },
    h("img", { src, alt, ref: image, onLoad: loaded, draggable: false }),
    painting && picture ? h("canvas", {
      ref: canvas, width: Math.round(picture.width * scale), height: Math.round(picture.height * scale), "aria-hidden": true,
      onPointerDown: begin, onPointerMove: move, onPointerUp: end, onPointerCancel: end,
    }) : null);
}

const MIDDLE = { x: "25", y: "25", w: "50", h: "50" };
const share = (text) => Math.min(1, Math.max(0, Number(text) / 100 || 0));

// Before the form is sent the mask is uploaded, once for what is painted; nothing painted means the whole picture.
function useMask(field) {
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const form = field.current?.form;
    let kept = { marks: null, id: "" };
    let sending = false;
    const onSubmit = async (event) => {
      const id = standing(store.marks).length ? (kept.marks === store.marks ? kept.id : "") : null;
      field.current.value = id ?? "";
      if (id !== "") return;
      event.preventDefault();
      event.stopPropagation();
      if (sending || !store.picture) return;
      sending = true;
      setBusy(true);
      const { marks } = store;
      const blob = await maskOf(store);
      const told = blob && (await put(blob, { name: "Mask.png", origin: "mask" }));
      sending = false;
      setBusy(false);
      if (!told) return;
      kept = { marks, id: told.id };
      if (field.current) form.requestSubmit();
    };
    form?.addEventListener("submit", onSubmit, true);
    return () => form?.removeEventListener("submit", onSubmit, true);
  }, []);
  return busy;
}

export function BrushTools() {
  const t = useT();
  const { marks, size, ...rest } = useBrush();
  const field = useRef(null);
  const busy = useMask(field);
  const [box, setBox] = useState(MIDDLE);
  const percent = covered({ marks, ...rest });
  const undo = () => change({ marks: marks.slice(0, -1) });
  const clear = () => change({ marks: [...marks, { kind: "clear" }] });
  const add = () => {
    const [x, y] = [share(box.x), share(box.y)];
    const mark = { kind: "box", x, y, w: Math.min(share(box.w), 1 - x), h: Math.min(share(box.h), 1 - y) };
    if (mark.w && mark.h) change({ marks: [...marks, mark] });
  };
  const words = percent
    ? t("media.brush.part", "Painted: about {n} % of the picture may change.", { n: percent })
    : t("media.brush.whole", "Nothing is painted: the whole picture may change.");
  const sides = [
    ["x", t("media.brush.x", "From the left, %")],
    ["y", t("media.brush.y", "From the top, %")],
    ["w", t("media.brush.w", "Width, %")],
    ["h", t("media.brush.h", "Height, %")],
  ];
  const numbers = sides.map(([side, name]) =>
    h("div", { className: "field", key: side },
      h("label", { htmlFor: `brush-${side}` }, h("span", null, name)),
      h("input", {
        id: `brush-${side}`, className: "in num", type: "number", inputMode: "numeric", min: 0, max: 100, value: box[side],
        onChange: (event) => setBox({ ...box, [side]: event.target.value }),
        onKeyDown: (event) => {
          if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
          event.preventDefault();
          add();
        },
      })));
  const button = (word, onClick, disabled) => h("button", { type: "button", className: "btn sm", onClick, disabled }, word);
  return h("fieldset", { className: "brush-tools" },
    h("legend", { className: "label" }, t("media.brush", "Where it changes")),
    h("p", { className: "small", role: "status" }, busy ? t("media.brush.sending", "The painted part is being sent.") : words),
    h("p", { className: "small muted" }, t("media.brush.help", "Paint over the picture with mouse, pen or finger, or give a rectangle in numbers.")),
    h("div", { className: "field" },
      h("label", { htmlFor: "brush-size" }, h("span", null, t("media.brush.size", "Size of the brush"))),
      h("input", { id: "brush-size", type: "range", min: 1, max: 40, value: size, onChange: (event) => change({ size: Number(event.target.value) }) })),
    h("div", { className: "pills" },
      button(t("media.brush.undo", "Undo"), undo, !marks.length),
      button(t("media.brush.clear", "Clear: the whole picture"), clear, !standing(marks).length)),
    h("details", null,
      h("summary", { className: "small" }, t("media.brush.box", "A rectangle in numbers")),
      h("div", { className: "brush-box" }, numbers),
      button(t("media.brush.add", "Add the rectangle"), add, false)),
    h("input", { type: "hidden", name: "mask_id", ref: field, defaultValue: "" }));
}
