// What the session holds from cell to cell.

export const session = {
  /** Cells that the compiler took, oldest first: `{ name, source }`. */
  units: [],
  /** Exports of those that ran, by name. */
  modules: new Map(),
  /** Values that cells bound, by name: `{ read, type }`. */
  values: new Map(),
  /** Functions and types that cells bound. */
  others: new Set(),
  /** Variables that the host put here, by name: `{ node, declared }`. */
  given: new Map(),
  /** The last result. */
  last: null,
  /** How the running cell's result looks. */
  shown: null,
};

export function forget() {
  session.units = [];
  session.modules = new Map();
  session.values = new Map();
  session.others = new Set();
  session.given = new Map();
  session.last = null;
  session.shown = null;
}
