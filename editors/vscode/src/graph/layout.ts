/**
 * A layered drawing of a directed graph: what comes first stands above, edges lead down. The classic steps: break cycles,
 * give each node a layer, put points where edges cross layers, order the layers by the middle of the neighbours, place.
 */

export interface LayoutEdge {
  readonly from: number;
  readonly to: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
}

export interface Drawing {
  /** The middle of each node. */
  readonly nodes: Box[];
  /** The points of each edge, from its source to its target. */
  readonly edges: Box[][];
  readonly width: number;
  readonly height: number;
}

export interface Sizes {
  readonly width: number;
  readonly height: number;
  /** Between nodes of one layer. */
  readonly gap: number;
  /** Between layers. */
  readonly layerGap: number;
}

/** Rounds of putting layers in order; more change little. */
const SWEEPS = 8;
/** Nodes without edges in a row. */
const LOOSE_IN_ROW = 5;

interface Vertex {
  layer: number;
  order: number;
  readonly width: number;
  readonly up: number[];
  readonly down: number[];
  x: number;
}

/** Draws `count` nodes of one size. Self loops are left out. */
export function layout(count: number, edges: readonly LayoutEdge[], sizes: Sizes): Drawing {
  const connected = new Set<number>();
  for (const { from, to } of edges) if (from !== to) connected.add(from).add(to);
  const forward = withoutCycles(count, edges);
  const layers = layersOf(count, forward);
  const vertices: Vertex[] = Array.from({ length: count }, (_, at) => vertex(layers[at] ?? 0, sizes.width));
  const paths = edges.map((edge, at) => path(edge, forward[at], vertices, sizes));
  const rows = rowsOf(vertices, count, connected);
  sweep(rows, vertices);
  place(rows, vertices, sizes);

  const step = sizes.height + sizes.layerGap;
  const nodes: Box[] = vertices.slice(0, count).map(({ x, layer }) => ({ x, y: layer * step + sizes.height / 2 }));
  const loose = Array.from({ length: count }, (_, at) => at).filter((at) => !connected.has(at));
  const top = rows.length * step;
  for (const [number, at] of loose.entries()) {
    const column = number % LOOSE_IN_ROW;
    const row = Math.floor(number / LOOSE_IN_ROW);
    nodes[at] = { x: column * (sizes.width + sizes.gap) + sizes.width / 2, y: top + row * (sizes.height + sizes.gap) + sizes.height / 2 };
  }
  const lines = paths.map((points, at) => {
    const reversed = forward[at]?.reversed === true;
    const line = points.map((point, number) => {
      const { x, layer } = vertices[point] ?? { x: 0, layer: 0 };
      const middle = layer * step + sizes.height / 2;
      const first = number === 0;
      const last = number === points.length - 1;
      return { x, y: first ? middle + sizes.height / 2 : last ? middle - sizes.height / 2 : middle };
    });
    return reversed ? line.reverse() : line;
  });
  const right = Math.max(0, ...nodes.map(({ x }) => x + sizes.width / 2), ...lines.flat().map(({ x }) => x));
  const bottom = Math.max(0, ...nodes.map(({ y }) => y + sizes.height / 2));
  return { nodes, edges: lines, width: right, height: bottom };
}

function vertex(layer: number, width: number): Vertex {
  return { layer, order: 0, width, up: [], down: [], x: 0 };
}

interface Forward extends LayoutEdge {
  readonly reversed: boolean;
}

/** Every edge in the direction of the drawing; `undefined` for one from a node to itself. */
function withoutCycles(count: number, edges: readonly LayoutEdge[]): (Forward | undefined)[] {
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const [at, { from, to }] of edges.entries()) if (from !== to) out[from]?.push(at);
  const state = new Uint8Array(count);
  const back = new Set<number>();
  for (let root = 0; root < count; root += 1) {
    if (state[root] !== 0) continue;
    const stack: { node: number; next: number }[] = [{ node: root, next: 0 }];
    state[root] = 1;
    for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
      const edge = out[top.node]?.[top.next];
      top.next += 1;
      if (edge === undefined) {
        state[top.node] = 2;
        stack.pop();
        continue;
      }
      const target = edges[edge]?.to ?? 0;
      if (state[target] === 1) back.add(edge);
      else if (state[target] === 0) {
        state[target] = 1;
        stack.push({ node: target, next: 0 });
      }
    }
  }
  return edges.map((edge, at) => {
    if (edge.from === edge.to) return undefined;
    return back.has(at) ? { from: edge.to, to: edge.from, reversed: true } : { from: edge.from, to: edge.to, reversed: false };
  });
}

/** One below the lowest of what leads to it. */
function layersOf(count: number, edges: readonly (Forward | undefined)[]): number[] {
  const layers = new Array<number>(count).fill(0);
  const waiting = new Array<number>(count).fill(0);
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const edge of edges) {
    if (edge === undefined) continue;
    waiting[edge.to] = (waiting[edge.to] ?? 0) + 1;
    out[edge.from]?.push(edge.to);
  }
  const ready = waiting.flatMap((left, at) => (left === 0 ? [at] : []));
  for (let node = ready.pop(); node !== undefined; node = ready.pop()) {
    for (const next of out[node] ?? []) {
      layers[next] = Math.max(layers[next] ?? 0, (layers[node] ?? 0) + 1);
      waiting[next] = (waiting[next] ?? 0) - 1;
      if (waiting[next] === 0) ready.push(next);
    }
  }
  return layers;
}

/** The vertices that an edge goes through, from above to below: points are added where it crosses layers. */
function path(edge: LayoutEdge, forward: Forward | undefined, vertices: Vertex[], sizes: Sizes): number[] {
  const { from, to } = forward ?? edge;
  if (forward === undefined) return [];
  const points = [from];
  const last = vertices[to]?.layer ?? 0;
  for (let layer = (vertices[from]?.layer ?? 0) + 1; layer < last; layer += 1) {
    vertices.push(vertex(layer, sizes.gap));
    points.push(vertices.length - 1);
  }
  points.push(to);
  for (let at = 1; at < points.length; at += 1) {
    const above = points[at - 1] ?? 0;
    const below = points[at] ?? 0;
    vertices[above]?.down.push(below);
    vertices[below]?.up.push(above);
  }
  return points;
}

function rowsOf(vertices: readonly Vertex[], count: number, connected: ReadonlySet<number>): number[][] {
  const rows: number[][] = [];
  for (const [at, { layer }] of vertices.entries()) {
    if (at >= count || connected.has(at)) (rows[layer] ??= []).push(at);
  }
  for (const row of rows) number(row, vertices);
  return rows;
}

function number(row: readonly number[], vertices: readonly Vertex[]): void {
  for (const [order, at] of row.entries()) {
    const one = vertices[at];
    if (one !== undefined) one.order = order;
  }
}

function sweep(rows: number[][], vertices: readonly Vertex[]): void {
  for (let round = 0; round < SWEEPS; round += 1) {
    const down = round % 2 === 0;
    for (const row of down ? rows : rows.toReversed()) {
      const middle = new Map(row.map((at) => [at, middleOf(vertices, at, down ? "up" : "down")]));
      row.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
      number(row, vertices);
    }
  }
}

function middleOf(vertices: readonly Vertex[], at: number, side: "up" | "down"): number {
  const one = vertices[at];
  const others = one?.[side] ?? [];
  if (others.length === 0) return one?.order ?? 0;
  return others.reduce((sum, other) => sum + (vertices[other]?.order ?? 0), 0) / others.length;
}

/** Each node as near to the middle of its neighbours as the ones beside it let it be. */
function place(rows: readonly number[][], vertices: readonly Vertex[], sizes: Sizes): void {
  const room = (one: Vertex | undefined, other: Vertex | undefined): number => ((one?.width ?? 0) + (other?.width ?? 0)) / 2 + sizes.gap;
  for (const row of rows) {
    let x = 0;
    for (const [order, at] of row.entries()) {
      const one = vertices[at];
      if (one === undefined) continue;
      x = order === 0 ? one.width / 2 : x + room(vertices[row[order - 1] ?? 0], one);
      one.x = x;
    }
  }
  for (let round = 0; round < SWEEPS; round += 1) {
    const side = round % 2 === 0 ? "up" : "down";
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) {
      const wanted = row.map((at) => {
        const one = vertices[at];
        const others = one?.[side] ?? [];
        return others.length === 0 ? (one?.x ?? 0) : others.reduce((sum, other) => sum + (vertices[other]?.x ?? 0), 0) / others.length;
      });
      // From the left, then from the right; between the two each has its room.
      const left: number[] = [];
      for (const [order, at] of row.entries()) {
        const least = order === 0 ? -Infinity : (left[order - 1] ?? 0) + room(vertices[row[order - 1] ?? 0], vertices[at]);
        left.push(Math.max(wanted[order] ?? 0, least));
      }
      const right: number[] = new Array<number>(row.length).fill(0);
      for (let order = row.length - 1; order >= 0; order -= 1) {
        const most = order === row.length - 1 ? Infinity : (right[order + 1] ?? 0) - room(vertices[row[order] ?? 0], vertices[row[order + 1] ?? 0]);
        right[order] = Math.min(wanted[order] ?? 0, most);
      }
      for (const [order, at] of row.entries()) {
        const one = vertices[at];
        if (one !== undefined) one.x = ((left[order] ?? 0) + (right[order] ?? 0)) / 2;
      }
    }
  }
  const start = Math.min(...rows.flat().map((at) => (vertices[at]?.x ?? 0) - (vertices[at]?.width ?? 0) / 2));
  for (const at of rows.flat()) {
    const one = vertices[at];
    if (one !== undefined) one.x -= start;
  }
}
