/** What a settings file may hold, by `schemas/settings.schema.json`. */
import schema from "../../schemas/settings.schema.json" with { type: "json" };

export interface Shape {
  readonly type?: string;
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly examples?: readonly string[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape;
}

const ROOT = schema as unknown as Shape;

/** What may stand at a path of keys; a table of an array is meant by the array's name. */
export function shapeAt(path: readonly string[]): Shape | undefined {
  let shape: Shape | undefined = ROOT;
  for (const name of path) {
    const inner: Shape | undefined = shape?.type === "array" ? shape.items : shape;
    const other: Shape | boolean | undefined = inner?.additionalProperties;
    shape = inner?.properties?.[name] ?? (typeof other === "object" ? other : undefined);
  }
  return shape;
}

/** The keys of a table that hold values, with what they mean. */
export function keysOf(table: readonly string[]): [string, Shape][] {
  const shape = shapeAt(table);
  const properties = (shape?.type === "array" ? shape.items : shape)?.properties ?? {};
  return Object.entries(properties).filter(([, { type, items }]) => type !== "object" && items?.type !== "object");
}

/** The names of all tables; `array` for those that stand in double brackets. A name that is free is `*`. */
export function tables(array: boolean): [string, Shape][] {
  const found: [string, Shape][] = [];
  const open: [string[], Shape][] = [[[], ROOT]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [path, shape] = next;
    for (const [name, inner] of Object.entries(shape.properties ?? {})) {
      const here = [...path, name];
      const many = inner.type === "array" && inner.items?.type === "object";
      if (many === array && (many || inner.type === "object")) found.push([here.join("."), many ? (inner.items ?? inner) : inner]);
      if (inner.type === "object") open.push([here, inner]);
    }
    const free = shape.additionalProperties;
    if (path.length > 0 && typeof free === "object" && free.type === "object" && !array) found.push([[...path, "*"].join("."), free]);
  }
  return found.sort(([a], [b]) => a.localeCompare(b));
}

/** The values that a shape names. */
export function valuesOf(shape: Shape): readonly string[] {
  const one = shape.type === "array" ? shape.items : shape;
  if (one?.type === "boolean") return ["true", "false"];
  return one?.enum ?? one?.examples ?? [];
}
