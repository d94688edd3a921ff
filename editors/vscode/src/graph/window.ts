/** The script of the graph's window. It draws what it is told, and tells what is clicked and drawn. */
import type { Graph, GraphNode } from "../protocol.ts";
import { layout, type Box } from "./layout.ts";
import type { FromWindow, ToWindow } from "./messages.ts";

declare function acquireVsCodeApi(): { postMessage(message: FromWindow): void };

const SVG = "http://www.w3.org/2000/svg";
const SIZES = { width: 176, height: 46, gap: 28, layerGap: 54 };
const MARGIN = 24;

const WORDS: Readonly<Record<string, string>> = { data: "data", call: "calls", flow: "then", part: "has" };

const host = acquireVsCodeApi();
const drawing = byId("drawing");
const empty = byId("empty");
const form = byId("add") as HTMLFormElement;
const title = byId("title");
const status = byId("status");
let graph: Graph | undefined;
let editable = false;
let scale = 1;
/** Where an edge is being drawn from. */
let source: number | undefined;
let size = { width: 0, height: 0 };

function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

function svg(name: string, attributes: Readonly<Record<string, string | number>>, ...children: (Node | string)[]): SVGElement {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  element.append(...children);
  return element;
}

interface Line {
  from: number;
  to: number;
  kind: string;
  names: readonly string[];
}

/** A workflow that holds nodes is their frame, not a node. */
function isFrame(node: GraphNode, at: number, all: Graph): boolean {
  return node.kind === "workflow" && all.nodes.some(({ parent }) => parent === at);
}

function draw(all: Graph): void {
  const shown = all.nodes.flatMap((node, at) => (isFrame(node, at, all) ? [] : [at]));
  const place = new Map(shown.map((at, order) => [at, order]));
  const lines: Line[] = all.edges.filter(({ from, to }) => place.has(from) && place.has(to));
  for (const at of shown) {
    const parent = all.nodes[at]?.parent;
    if (parent !== null && parent !== undefined && place.has(parent)) lines.push({ from: parent, to: at, kind: "part", names: [] });
  }
  const drawn = layout(shown.length, lines.map(({ from, to }) => ({ from: place.get(from) ?? 0, to: place.get(to) ?? 0 })), SIZES);
  size = { width: drawn.width + 2 * MARGIN, height: drawn.height + 2 * MARGIN };
  const content = svg("g", { transform: `translate(${MARGIN} ${MARGIN})` });
  for (const [at, line] of lines.entries()) content.append(edgeOf(line, drawn.edges[at] ?? [], all));
  for (const at of shown) {
    const node = all.nodes[at];
    const box = drawn.nodes[place.get(at) ?? 0];
    if (node !== undefined && box !== undefined) content.append(nodeOf(node, at, box));
  }
  drawing.replaceChildren(arrow(), content);
  empty.hidden = shown.length > 0;
  status.textContent = all.truncated ? "The script is large: not all of it is drawn." : "";
  zoom();
}

function arrow(): SVGElement {
  const marker = svg("marker", { id: "arrow", viewBox: "0 0 8 8", refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto-start-reverse" });
  marker.append(svg("path", { d: "M0 0L8 4L0 8Z" }));
  return svg("defs", {}, marker);
}

function edgeOf({ from, to, kind, names }: Line, points: readonly Box[], all: Graph): SVGElement {
  const [first, ...rest] = points;
  const group = svg("g", { class: `edge ${kind}`, "data-from": from, "data-to": to });
  if (first === undefined) return group;
  let path = `M${first.x} ${first.y}`;
  let last = first;
  for (const point of rest) {
    const bend = (point.y - last.y) / 2;
    path += `C${last.x} ${last.y + bend} ${point.x} ${point.y - bend} ${point.x} ${point.y}`;
    last = point;
  }
  const label = names.join(", ");
  const words = `${all.nodes[from]?.name ?? ""} ${WORDS[kind] ?? kind} ${all.nodes[to]?.name ?? ""}${label === "" ? "" : `: ${label}`}`;
  group.append(svg("title", {}, words), svg("path", { d: path, "marker-end": "url(#arrow)" }));
  const middle = points[Math.floor(points.length / 2)] ?? first;
  const before = points[Math.floor(points.length / 2) - 1] ?? first;
  if (label !== "") group.append(svg("text", { x: (before.x + middle.x) / 2 + 6, y: (before.y + middle.y) / 2 + 4 }, clipped(label, 22)));
  return group;
}

function nodeOf(node: GraphNode, at: number, { x, y }: Box): SVGElement {
  const { width, height } = SIZES;
  const group = svg(
    "g",
    { class: `node kind-${node.kind}`, "data-node": at, transform: `translate(${x - width / 2} ${y - height / 2})`, tabindex: 0, role: "button", "aria-label": `${node.kind} ${node.name}, line ${node.range.start.line + 1}` },
    svg("title", {}, `${node.kind} ${node.name}\nline ${node.range.start.line + 1}${node.detail === null ? "" : `\n${node.detail}`}`),
    svg("rect", { width, height, rx: 7 }),
    svg("rect", { class: "band", width: 5, height, rx: 2 }),
    svg("text", { class: "name", x: 16, y: 20 }, clipped(node.name, 21)),
    svg("text", { class: "kind", x: 16, y: 36 }, clipped(node.detail === null || node.detail.toLowerCase() === node.kind ? node.kind : `${node.kind} · ${node.detail}`, 25)),
  );
  group.addEventListener("click", () => {
    choose(at);
  });
  group.addEventListener("keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(at);
    }
  });
  return group;
}

function choose(at: number): void {
  if (source === undefined) {
    host.postMessage({ type: "reveal", node: at });
    return;
  }
  const from = graph?.nodes[source]?.name;
  const to = graph?.nodes[at]?.name;
  if (source === -1) {
    begin(at);
    return;
  }
  stop();
  if (from !== undefined && to !== undefined) host.postMessage({ type: "addEdge", from, to });
}

/** An edge is drawn by two clicks: from a node, to a node. -1: the first is awaited. */
function begin(at: number): void {
  source = at;
  byId("edge").setAttribute("aria-pressed", "true");
  status.textContent = at === -1 ? "Click the node that the edge begins at." : `Click the node that the edge from "${graph?.nodes[at]?.name ?? ""}" leads to. Escape gives up.`;
  mark("source", at);
}

function stop(): void {
  source = undefined;
  byId("edge").setAttribute("aria-pressed", "false");
  status.textContent = "";
  mark("source", undefined);
}

function mark(name: string, at: number | undefined): void {
  for (const node of drawing.querySelectorAll(".node")) node.classList.toggle(name, node.getAttribute("data-node") === String(at));
}

function clipped(text: string, most: number): string {
  if (text.length <= most) return text;
  const letters = [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);
  return letters.length <= most ? text : `${letters.slice(0, most - 1).join("")}…`;
}

function zoom(): void {
  drawing.setAttribute("viewBox", `0 0 ${size.width} ${size.height}`);
  drawing.setAttribute("width", String(size.width * scale));
  drawing.setAttribute("height", String(size.height * scale));
}

function scaleTo(next: number): void {
  scale = Math.min(3, Math.max(0.2, next));
  zoom();
}

window.addEventListener("message", ({ data }: MessageEvent<ToWindow>) => {
  if (data.type === "cursor") {
    mark("current", data.node);
    for (const edge of drawing.querySelectorAll(".edge")) {
      const touches = [edge.getAttribute("data-from"), edge.getAttribute("data-to")].includes(String(data.node));
      edge.classList.toggle("current", touches);
    }
    drawing.querySelector(".node.current")?.scrollIntoView({ block: "nearest", inline: "nearest" });
    return;
  }
  graph = data.graph;
  editable = data.editable;
  title.textContent = data.title;
  form.hidden = !editable;
  byId("edge").hidden = !editable || !data.graph.nodes.some(({ kind }) => kind === "node");
  for (const option of form.querySelectorAll("option")) option.hidden = option.value === "node" && !data.graph.nodes.some(({ kind }) => kind === "workflow");
  stop();
  draw(data.graph);
});
window.addEventListener("keydown", (event) => {
  if (event.key === "Escape") stop();
});
byId("edge").addEventListener("click", () => {
  if (source === undefined) begin(-1);
  else stop();
});
byId("larger").addEventListener("click", () => {
  scaleTo(scale * 1.25);
});
byId("smaller").addEventListener("click", () => {
  scaleTo(scale / 1.25);
});
byId("fit").addEventListener("click", () => {
  const frame = byId("frame");
  scaleTo(Math.min(1, frame.clientWidth / size.width, frame.clientHeight / size.height));
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  const name = byId("name") as HTMLInputElement;
  const kind = byId("kind") as HTMLSelectElement;
  if (name.value.trim() === "") return;
  host.postMessage({ type: "addNode", kind: kind.value, name: name.value.trim() });
  name.value = "";
});
host.postMessage({ type: "ready" });
