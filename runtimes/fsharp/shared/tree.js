// Values of the WIT world as trees.

/** A JavaScript shape of the nodes: `{ tag, val }` trees, which types then read. */
export function tree({ nodes }) {
  const built = new Array(nodes.length);
  for (let at = nodes.length - 1; at >= 0; at--) {
    const { tag, val } = nodes[at];
    if (tag === 'items') built[at] = { tag, val: Array.from(val, (index) => built[index]) };
    else if (tag === 'entries') built[at] = { tag, val: val.map(([key, index]) => [key, built[index]]) };
    else if (tag === 'table') built[at] = { tag, val: val.columns.map(({ name, cells }) => ({ name, cells: Array.from(cells, (index) => built[index]) })) };
    else built[at] = { tag, val };
  }
  return built[0];
}
