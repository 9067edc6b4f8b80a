// The house's floor plan: which room may import which, and which packages each may use. A new arrow is an argument to be
// had in review, not a line to be added in passing.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const src = fileURLToPath(new URL("../src", import.meta.url));

/** Rooms each room may import. `cli` may import all. */
const ROOMS: Record<string, readonly string[]> = {
  core: [],
  schema: ["core"],
  math: ["core"],
  tensor: ["core"],
  nn: ["core", "tensor"],
  models: ["core", "schema", "tensor", "nn"],
  data: ["core", "schema", "math"],
  profiles: ["core", "schema", "math"],
  quality: ["core", "schema", "math", "tensor", "nn", "models", "data"],
  train: ["core", "schema", "tensor", "nn", "models", "data", "quality"],
  embed: ["core", "schema", "tensor", "models", "data", "profiles"],
  tasks: ["core", "schema", "math", "profiles"],
  baselines: ["core", "schema", "tensor", "nn", "models", "math", "data", "profiles", "embed"],
  distributed: ["core", "schema", "tensor"],
  report: ["core", "schema"],
  server: ["core", "schema", "math", "data", "profiles", "report"],
};
ROOMS.cli = Object.keys(ROOMS);

/** Packages each room may import, beside Node's built-ins. Tests may also use the test tools. */
const PACKAGES: Record<string, readonly string[]> = {
  core: ["pure-rand"],
  schema: ["zod"],
  math: ["ml-levenberg-marquardt"],
  data: ["@duckdb/node-api", "@zip.js/zip.js", "sharp", "zarrita", "zod"],
  train: ["sharp", "zod"],
  embed: ["onnxruntime-node"],
  profiles: ["umap-js"],
  quality: ["onnxruntime-node"],
  tasks: ["zod"],
  server: ["@hono/node-server", "hono", "sharp", "zod"],
  report: ["@observablehq/plot", "linkedom"],
  baselines: ["zod"],
  cli: ["commander", "zod", "sharp", "onnxruntime-node", "@duckdb/node-api"],
};
const TEST_PACKAGES = [
  "vitest",
  "fast-check",
  "playwright-core",
  "linkedom",
  "sharp",
  "zod",
  "onnxruntime-node",
  "@zip.js/zip.js",
  "@duckdb/node-api",
];

/** Rooms that must also run in a browser: bytes in, bytes out, no `node:` import. */
const RUNTIME_NEUTRAL = ["core", "schema", "math", "profiles", "tasks", "report"];
/** Rooms that must work on a machine without LibTorch, checked over everything they reach. */
const WITHOUT_LIBTORCH = ["core", "schema", "math", "data", "profiles", "tasks", "report", "server"];

interface Import {
  readonly file: string;
  readonly room: string;
  readonly specifier: string;
  readonly isTest: boolean;
}

function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
  const pattern =
    /(?:^|[\s;}])(?:import|export)\s[^;"'`()]*?from\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']\s*\)|(?:^|[\s;])import\s*["']([^"']+)["']/g;
  const path = relative(src, file);
  const room = path.includes("/") ? path.slice(0, path.indexOf("/")) : "(root)";
  return [...text.matchAll(pattern)].map((m) => ({
    file: path,
    room,
    specifier: m[1] ?? m[2] ?? m[3] ?? "",
    isTest: /\.(test|fixture)\.ts$/.test(file),
  }));
}

const files = readdirSync(src, { recursive: true })
  .map((name) => join(src, String(name)))
  .filter((path) => path.endsWith(".ts") && statSync(path).isFile());
const imports = files.flatMap(importsOf);
const isRelative = (i: Import) => i.specifier.startsWith(".");
const roomOf = (i: Import) => {
  const target = relative(src, resolve(src, dirname(i.file), i.specifier));
  return target.includes("/") ? target.slice(0, target.indexOf("/")) : "(root)";
};
const packageOf = (specifier: string) =>
  specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
const show = (i: Import) => `${i.file} -> ${i.specifier}`;

/**
 * The browser application: packages it may use; of the house it may know the wire's types alone. The page that embeds images by itself
 * computes with files of other rooms; explorer/src/browser-reach.test.ts lists them one by one.
 */
const EXPLORER_PACKAGES = ["preact", "@preact/signals", "regl-scatterplot", "onnxruntime-web"];
const explorer = fileURLToPath(new URL("../explorer/src", import.meta.url));
const pages = readdirSync(explorer, { recursive: true })
  .map((name) => join(explorer, String(name)))
  .filter((path) => /\.tsx?$/.test(path));

describe("the explorer", () => {
  it("knows of the house only the types of src/schema, and uses only its own packages", () => {
    const asksTheServer = pages.filter(
      (file) => !/\.(test|fixture)\.ts$/.test(file) && !file.startsWith(join(explorer, "encoder")),
    );
    expect(asksTheServer.length).toBeGreaterThan(10);
    const wrong = asksTheServer.flatMap((file) => {
      const typesOnly = new Set(
        [...readFileSync(file, "utf8").matchAll(/^import type [^;]*? from "([^"]+)"/gm)].map((match) => match[1]),
      );
      return importsOf(file).filter(({ specifier }) => {
        if (!specifier.startsWith(".")) return !EXPLORER_PACKAGES.includes(packageOf(specifier));
        const target = resolve(dirname(file), specifier);
        if (target.startsWith(explorer)) return false;
        return !(target.startsWith(join(src, "schema")) && typesOnly.has(specifier));
      });
    });
    expect(wrong.map(show)).toEqual([]);
    expect(pages.length).toBeGreaterThan(10);
  });

  it("has no default exports, no utils and no file over 350 lines", () => {
    expect(pages.filter((file) => readFileSync(file, "utf8").split("\n").length > 350)).toEqual([]);
    expect(pages.filter((file) => /utils?\.tsx?$/.test(file))).toEqual([]);
  });
});

describe("the house", () => {
  it("was read: rooms and imports are found", () => {
    expect(files.length).toBeGreaterThan(10);
    expect(imports.length).toBeGreaterThan(20);
  });

  it("has no room that the floor plan does not know", () => {
    expect([...new Set(imports.map((i) => i.room))].filter((room) => room !== "(root)" && !(room in ROOMS))).toEqual(
      [],
    );
  });

  it("lets rooms import only the rooms that the plan allows, types and tests included", () => {
    const wrong = imports.filter(
      (i) => isRelative(i) && i.room !== "(root)" && roomOf(i) !== i.room && !(ROOMS[i.room] ?? []).includes(roomOf(i)),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it("is acyclic", () => {
    const depth = (room: string, seen: readonly string[]): number => {
      if (seen.includes(room)) throw new Error(`cycle: ${[...seen, room].join(" -> ")}`);
      return 1 + Math.max(0, ...(ROOMS[room] ?? []).map((next) => depth(next, [...seen, room])));
    };
    for (const room of Object.keys(ROOMS)) expect(depth(room, [])).toBeLessThan(20);
  });

  it("has no files that import each other in a circle, types and late imports included", () => {
    const targets = new Map<string, string[]>();
    for (const i of [...imports, ...pages.flatMap(importsOf)].filter((each) => isRelative(each) && !each.isTest)) {
      const target = relative(src, resolve(src, dirname(i.file), i.specifier));
      targets.set(i.file, [...(targets.get(i.file) ?? []), target]);
    }
    const open: string[] = [];
    const done = new Set<string>();
    const walk = (file: string): void => {
      if (open.includes(file)) throw new Error(`circle: ${[...open.slice(open.indexOf(file)), file].join(" -> ")}`);
      if (done.has(file)) return;
      open.push(file);
      for (const next of targets.get(file) ?? []) walk(next);
      open.pop();
      done.add(file);
    };
    for (const file of targets.keys()) walk(file);
    expect(done.size).toBeGreaterThan(100);
  });

  it("lets rooms use only the packages that the plan allows", () => {
    const wrong = imports.filter((i) => {
      if (isRelative(i) || i.specifier.startsWith("node:")) return false;
      const allowed = [...(PACKAGES[i.room] ?? []), ...(i.isTest ? TEST_PACKAGES : [])];
      return !allowed.includes(packageOf(i.specifier));
    });
    expect(wrong.map(show)).toEqual([]);
  });

  it("keeps the runtime-neutral rooms free of Node", () => {
    const wrong = imports.filter(
      (i) => RUNTIME_NEUTRAL.includes(i.room) && !i.isTest && i.specifier.startsWith("node:"),
    );
    expect(wrong.map(show)).toEqual([]);
  });

  it("keeps evaluation free of LibTorch, over everything it reaches", () => {
    const reach = (room: string): Set<string> =>
      new Set([room, ...(ROOMS[room] ?? []).flatMap((next) => [...reach(next)])]);
    for (const room of WITHOUT_LIBTORCH) expect(reach(room).has("tensor"), room).toBe(false);
  });

  it("has no default exports, no utils and no file over 350 lines", () => {
    const longest = files
      .filter((file) => readFileSync(file, "utf8").split("\n").length > 350)
      .map((f) => relative(src, f));
    expect(longest).toEqual([]);
    expect(files.filter((file) => /utils?\.ts$/.test(file))).toEqual([]);
  });
});
