import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { layout, type LayoutEdge } from "../src/graph/layout.ts";
import { page } from "../src/graph/page.ts";

const SIZES = { width: 100, height: 40, gap: 20, layerGap: 50 };
const draw = (count: number, pairs: readonly (readonly [number, number])[]): ReturnType<typeof layout> =>
  layout(count, pairs.map(([from, to]): LayoutEdge => ({ from, to })), SIZES);

describe("the drawing of a graph", () => {
  it("puts what comes first above", () => {
    const { nodes } = draw(4, [[0, 1], [1, 2], [0, 3]]);
    const y = nodes.map((node) => node.y);
    assert.deepEqual(y, [20, 110, 200, 110]);
  });
  it("draws edges from the lower side of one node to the upper side of the other", () => {
    const { nodes, edges } = draw(2, [[0, 1]]);
    assert.deepEqual(edges, [[{ x: nodes[0]?.x, y: 40 }, { x: nodes[1]?.x, y: 90 }]]);
  });
  it("leads a long edge around the nodes between", () => {
    const { nodes, edges } = draw(3, [[0, 1], [1, 2], [0, 2]]);
    const [, bend] = edges[2] ?? [];
    assert.ok(edges[2]?.length === 3 && bend !== undefined && nodes[1] !== undefined);
    assert.ok(Math.abs(bend.x - nodes[1].x) >= SIZES.width / 2, `${bend.x} is beside ${nodes[1].x}`);
  });
  it("never lets two nodes overlap, whatever the graph", () => {
    // A small generator with a seed: the same graphs every time.
    let seed = 7;
    const random = (most: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % most;
    };
    for (let round = 0; round < 60; round += 1) {
      const count = 1 + random(30);
      const pairs = Array.from({ length: random(50) }, () => [random(count), random(count)] as const);
      const { nodes, edges, width, height } = draw(count, pairs);
      assert.equal(nodes.length, count);
      assert.equal(edges.length, pairs.length);
      for (const [at, node] of nodes.entries()) {
        assert.ok(node.x >= SIZES.width / 2 - 0.01 && node.x <= width && node.y <= height, JSON.stringify(node));
        for (const other of nodes.slice(at + 1)) {
          const apart = Math.abs(node.x - other.x) >= SIZES.width - 0.01 || Math.abs(node.y - other.y) >= SIZES.height - 0.01;
          assert.ok(apart, `${JSON.stringify(node)} and ${JSON.stringify(other)} in ${JSON.stringify(pairs)}`);
        }
      }
    }
  });
  it("draws cycles and loops", () => {
    const { nodes, edges } = draw(3, [[0, 1], [1, 2], [2, 0], [1, 1]]);
    assert.deepEqual(nodes.map(({ y }) => y), [20, 110, 200]);
    assert.deepEqual(edges[3], []);
    const back = edges[2] ?? [];
    assert.ok((back[0]?.y ?? 0) > (back.at(-1)?.y ?? 0), "the edge back leads up");
  });
  it("puts what hangs on nothing below, in rows", () => {
    const { nodes } = draw(8, [[0, 1]]);
    assert.equal(new Set(nodes.slice(2).map(({ y }) => y)).size, 2);
    assert.ok(nodes.slice(2).every(({ y }) => y > (nodes[1]?.y ?? 0)));
  });
  it("draws nothing of nothing", () => {
    assert.deepEqual(draw(0, []), { nodes: [], edges: [], width: 0, height: 0 });
  });
});

describe("the graph's page", () => {
  it("runs one script of ours and loads nothing else", () => {
    const html = page({ script: "https://host/dist/graph.js", source: "https://host", nonce: "n0nce" });
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1];
    assert.equal(policy, "default-src 'none'; script-src 'nonce-n0nce'; style-src 'nonce-n0nce' https://host");
    assert.doesNotMatch(html, / style=|onclick|javascript:/);
    assert.equal(html.match(/<script/g)?.length, 1);
  });
});
