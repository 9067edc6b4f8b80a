// What a page's script may hold: nothing of Node, no tensors, and of the rooms behind it only what computes on bytes.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PACKAGES = [
  "preact",
  "@preact/signals",
  "onnxruntime-web",
  "regl",
  "regl-scatterplot",
  "@observablehq/plot",
  "zod",
];
/** Files of rooms that also run under Node, file by file: their indices reach further. */
const NEUTRAL = /^src\/(core|schema|math|profiles)\//;
const SHARED = [
  "src/data/area-downsample.ts",
  "src/data/dihedral.ts",
  "src/data/errors-import.ts",
  "src/data/errors.ts",
  "src/data/image-resizer.ts",
  "src/data/intensity.ts",
  "src/data/standardise-image.ts",
  "src/data/tile-origins.ts",
  "src/embed/aggregate-tiles.ts",
  "src/embed/errors.ts",
  "src/embed/image-cutter.ts",
  "src/embed/plan-tiles.ts",
  "src/embed/stain-names.ts",
];

/** Imports that are still there when types are gone. */
function importsOf(file: string): string[] {
  const text = readFileSync(file, "utf8")
    .replace(/\/\*[\s\S]*?\*\//g, "")
    .replace(/(^|\s)\/\/.*$/gm, "$1");
  const found = text.matchAll(
    /(?:^|[\s;}])(import|export)\s(type\s)?([^;"'`()]*?)\sfrom\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']\s*\)/g,
  );
  return [...found].flatMap(([, , isType, names = "", from, dynamic]) => {
    const inner = names.match(/^\{([\s\S]*)\}$/)?.[1];
    const allTypes = inner?.split(",").every((name) => /^\s*(type\s|$)/.test(name)) === true;
    return isType || allTypes ? [] : [from ?? dynamic ?? ""];
  });
}

function reachOf(entries: readonly string[]): { files: Set<string>; packages: Set<string> } {
  const [files, packages, open] = [new Set<string>(), new Set<string>(), [...entries]];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (files.has(file)) continue;
    files.add(file);
    for (const specifier of importsOf(file)) {
      if (!specifier.startsWith(".")) packages.add(specifier);
      else if (/\.tsx?$/.test(specifier)) open.push(resolve(dirname(file), specifier));
    }
  }
  return { files, packages };
}

it("pages reach nothing that a browser has not", () => {
  const pages = join(root, "explorer/src");
  const entries = readdirSync(pages, { recursive: true })
    .map((name) => join(pages, String(name)))
    .filter((name) => /\.tsx?$/.test(name) && !/\.(test|fixture)\.ts$/.test(name));
  const { files, packages } = reachOf(entries);
  const behind = [...files].filter((file) => !file.startsWith(pages)).map((file) => relative(root, file));
  expect(behind.length).toBeGreaterThan(10);
  expect([...files].filter((file) => !existsSync(file))).toEqual([]);
  expect(behind.filter((file) => !NEUTRAL.test(file) && !SHARED.includes(file))).toEqual([]);
  const foreign = [...packages].filter((name) => !PACKAGES.some((own) => name === own || name.startsWith(`${own}/`)));
  expect(foreign).toEqual([]);
});
