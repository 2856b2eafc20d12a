import type { FaceShape } from "./face-driver.js";
import { eyePaths, headPath, mouthPaths } from "./geometry.js";

const svgNamespace = "http://www.w3.org/2000/svg";
/** How far the chin and the lower lip go down at most. */
const jawDrop = 30;
const mouthGap = 37;
/** How far something at depth 1 moves for a radian of turning. */
const turnX = 52;
const turnY = 50;

/** Faces made so far: what one refers to within itself must not be another's. */
let faces = 0;

type Attributes = Record<string, string | number>;

/** Draws a face as SVG. Its colours are `--face-skin`, `--face-hair` and `--face-cloth` of the style sheet. */
export class FaceView {
  readonly element: SVGSVGElement;
  /** What moves with the head but lies behind the neck. */
  readonly #behind: SVGElement;
  readonly #head: SVGElement;
  readonly #body: SVGElement;
  readonly #depths: [layer: SVGElement, depth: number][] = [];
  readonly #skull: SVGElement;
  readonly #chinShade: SVGElement;
  readonly #mouth: { [part in "upperLip" | "lowerLip" | "opening" | "shadow"]: SVGElement };
  readonly #inside: SVGElement;
  readonly #lowerTeeth: SVGElement;
  readonly #upperTeeth: SVGElement;
  readonly #tongue: SVGElement;
  readonly #eyes: EyeView[];
  readonly #brows: SVGElement[];

  constructor() {
    this.element = make("svg", { viewBox: "-200 30 400 460", class: "face" }) as SVGSVGElement;
    this.#behind = add(this.element, "g");
    drawHairBehind(this.#layer(this.#behind, -0.5));
    this.#body = add(this.element, "g");
    drawBody(this.#body);
    this.#chinShade = add(this.#body, "path", { class: "face-neck-shade" });
    this.#head = add(this.element, "g");
    drawEars(this.#layer(this.#head, -0.3));
    this.#skull = add(this.#layer(this.#head, 0.1), "path", { class: "face-skin" });
    const features = this.#layer(this.#head, 0.55);
    drawCheeks(features);
    this.#eyes = [new EyeView(features, -43, 1), new EyeView(features, 43, -1)];
    this.#brows = [drawBrow(features, -1), drawBrow(features, 1)];
    const mouth = add(features, "g", { transform: "translate(0 322)" });
    const clip = `face-mouth-${++faces}`;
    this.#inside = add(add(mouth, "clipPath", { id: clip }), "path");
    const inside = add(mouth, "g", { "clip-path": `url(#${clip})` });
    add(inside, "rect", { x: -60, y: -30, width: 120, height: 110, class: "face-mouth" });
    this.#tongue = add(inside, "ellipse", { rx: 25, ry: 13, class: "face-tongue" });
    this.#lowerTeeth = add(inside, "path", { d: "M-22 0Q0 6 22 0L20 12Q0 18-20 12Z", class: "face-teeth-lower" });
    this.#upperTeeth = add(inside, "path", { d: "M-29-14L29-14L28-3Q27 1 23 1.500Q0 5-23 1.500Q-27 1-28-3Z", class: "face-teeth" });
    this.#mouth = {
      shadow: add(mouth, "path", { class: "face-line face-line-soft" }),
      opening: add(mouth, "path", { class: "face-mouth-edge" }),
      upperLip: add(mouth, "path", { class: "face-lip-upper" }),
      lowerLip: add(mouth, "path", { class: "face-lip-lower" }),
    };
    drawNose(this.#layer(this.#head, 0.95));
    drawFringe(this.#layer(this.#head, 0.32));
  }

  /** Shows a shape. */
  show(shape: FaceShape): void {
    const { jaw, pitch, yaw, roll, breath } = shape;
    const nod = pitch * 26;
    const transform = `translate(${f(yaw * 16)} ${f(nod + breath * 0.8)}) rotate(${f((roll * 180) / Math.PI)} 0 350)`;
    set(this.#head, { transform });
    set(this.#behind, { transform });
    set(this.#body, { transform: `translate(0 ${f(breath * 1.2)})` });
    for (const [layer, depth] of this.#depths) {
      set(layer, { transform: `translate(${f(yaw * turnX * depth)} ${f(pitch * turnY * depth)})` });
    }
    const drop = jaw * jawDrop;
    set(this.#skull, { d: headPath(drop) });
    const chin = 392 + drop + nod * 1.3;
    set(this.#chinShade, { d: `M-43 348L43 348L43 ${f(chin - 8)}Q${f(yaw * 30)} ${f(chin + 26)}-43 ${f(chin - 8)}Z` });
    this.#showMouth(shape);
    this.#eyes.forEach((eye, i) => eye.show(shape.lids[i as 0 | 1], shape.gazeX, shape.gazeY + pitch * 0.4));
    this.#brows.forEach((brow) => set(brow, { transform: `translate(0 ${f(-4.5 * shape.brow - jaw * 0.8)})` }));
  }

  #showMouth({ jaw, spread, round, teeth }: FaceShape): void {
    const half = 35 + 5.5 * spread - 11 * Math.max(0, round) - 3 * jaw;
    const gap = jaw * mouthGap * (1 - 0.15 * Math.max(0, round)) + 4 * teeth;
    const paths = mouthPaths(half, gap, 4.5 + 2.5 * spread, Math.max(0, round));
    for (const part of ["upperLip", "lowerLip", "opening", "shadow"] as const) {
      set(this.#mouth[part], { d: paths[part] });
    }
    set(this.#inside, { d: paths.opening });
    const open = Math.max(1, gap);
    set(this.#upperTeeth, { transform: `translate(0 ${f(-open * 0.16 + 3.5)}) scale(${f(half / 35)} 1)` });
    set(this.#lowerTeeth, { transform: `translate(0 ${f(open * 0.84 - 5 + 5 * jaw)})` });
    set(this.#tongue, { cy: f(open * 0.84 + 3 - 2 * jaw) });
  }

  #layer(parent: SVGElement, depth: number): SVGElement {
    const layer = add(parent, "g");
    this.#depths.push([layer, depth]);
    return layer;
  }
}

class EyeView {
  readonly #side: 1 | -1;
  readonly #opening: SVGElement;
  readonly #edge: SVGElement;
  readonly #lash: SVGElement;
  readonly #crease: SVGElement;
  readonly #iris: SVGElement;

  constructor(parent: SVGElement, x: number, side: 1 | -1) {
    const id = side > 0 ? "face-eye-left" : "face-eye-right";
    const eye = add(parent, "g", { transform: `translate(${x} 227) scale(${side * 1.14} 1.14)` });
    this.#opening = add(add(eye, "clipPath", { id }), "path");
    this.#edge = add(eye, "path", { class: "face-eye-white" });
    const inside = add(eye, "g", { "clip-path": `url(#${id})` });
    this.#iris = add(inside, "g");
    add(this.#iris, "circle", { r: 10.6, class: "face-iris-rim" });
    add(this.#iris, "circle", { r: 9.2, class: "face-iris" });
    add(this.#iris, "circle", { r: 4.6, class: "face-pupil" });
    add(this.#iris, "circle", { cx: 3.4 * side, cy: -3.6, r: 2.5, class: "face-glint" });
    add(inside, "path", { d: "M-22-16H22V-6Q0-12-22-4Z", class: "face-eye-shade" });
    this.#lash = add(eye, "path", { class: "face-lash" });
    this.#crease = add(eye, "path", { class: "face-line face-line-soft" });
    this.#side = side;
  }

  show(closed: number, gazeX: number, gazeY: number): void {
    const { opening, lash, crease } = eyePaths(Math.min(1, closed + 0.05 + Math.max(0, gazeY) * 0.18));
    set(this.#opening, { d: opening });
    set(this.#edge, { d: opening });
    set(this.#lash, { d: lash });
    set(this.#crease, { d: crease });
    set(this.#iris, { transform: `translate(${f(gazeX * 7 * this.#side)} ${f(gazeY * 4.5 - 1.5)})` });
  }
}

function drawBody(parent: SVGElement): void {
  add(parent, "path", { d: "M-46 330L-46 398C-46 420-70 428-96 436L0 492L96 436C70 428 46 420 46 398L46 330Z", class: "face-skin-shaded" });
  add(parent, "path", {
    d: "M-170 500C-168 462-140 444-104 433C-84 427-66 424-54 416C-40 446-18 458 0 458C18 458 40 446 54 416C66 424 84 427 104 433C140 444 168 462 170 500Z",
    class: "face-cloth",
  });
  add(parent, "path", { d: "M-56 415C-42 450-20 464 0 464C20 464 42 450 56 415", class: "face-collar" });
}

function drawHairBehind(parent: SVGElement): void {
  add(parent, "path", {
    d: "M0 50C-84 50-122 106-122 190C-122 262-134 312-116 372C-108 398-74 404-40 400L40 400C74 404 108 398 116 372C134 312 122 262 122 190C122 106 84 50 0 50Z",
    class: "face-hair-behind",
  });
}

function drawEars(parent: SVGElement): void {
  for (const side of [-1, 1]) {
    const ear = add(parent, "g", { transform: `scale(${side} 1)` });
    add(ear, "path", { d: "M92 214C104 204 118 212 115 236C113 258 102 272 90 264Z", class: "face-skin-shaded" });
    add(ear, "path", { d: "M99 224C107 220 110 230 107 242C105 250 102 254 98 254", class: "face-line face-line-soft" });
  }
}

function drawCheeks(parent: SVGElement): void {
  add(parent, "ellipse", { cx: -58, cy: 276, rx: 23, ry: 14, class: "face-cheek" });
  add(parent, "ellipse", { cx: 58, cy: 276, rx: 23, ry: 14, class: "face-cheek" });
}

function drawBrow(parent: SVGElement, side: -1 | 1): SVGElement {
  const mirror = add(parent, "g", { transform: `scale(${side} 1)` });
  return add(mirror, "path", { d: "M21 195C33 186.500 54 184 69 197C55 190.500 37 191 23 200C19.500 201 18.500 197 21 195Z", class: "face-brow" });
}

function drawNose(parent: SVGElement): void {
  add(parent, "path", { d: "M0 222C-6 250-13 266-12 276C-9 283-4 283 0 285.500C4 283 9 283 12 276C13 266 6 250 0 222Z", class: "face-nose-light" });
  add(parent, "path", { d: "M-14 275C-15 283-9 285-5 283Q0 289 5 283C9 285 15 283 14 275", class: "face-line" });
}

function drawFringe(parent: SVGElement): void {
  add(parent, "path", {
    d: "M34 58C-36 38-108 84-112 176C-113 206-110 230-104 250C-98 232-96 214-90 198C-46 192 14 164 38 118" +
      "C48 158 78 178 91 200C96 216 98 234 104 250C112 226 114 200 112 172C110 100 82 66 34 58Z",
    class: "face-hair",
  });
  add(parent, "path", { d: "M30 78C-28 70-82 104-94 168M36 100C18 140-30 166-78 178M46 98C60 138 88 150 98 178", class: "face-hair-strand" });
}

function make(name: string, attributes: Attributes): SVGElement {
  return set(document.createElementNS(svgNamespace, name), attributes);
}

function add(parent: SVGElement, name: string, attributes: Attributes = {}): SVGElement {
  const element = make(name, attributes);
  parent.append(element);
  return element;
}

function set(element: SVGElement, attributes: Attributes): SVGElement {
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, String(value));
  }
  return element;
}

function f(value: number): string {
  return value.toFixed(2);
}
