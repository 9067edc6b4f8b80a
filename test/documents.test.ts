// What the documents point at is there: files by link, headings by anchor.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const documents = [
  ...readdirSync(root).map((name) => join(root, name)),
  ...readdirSync(join(root, "docs"), { recursive: true }).map((name) => join(root, "docs", String(name))),
].filter((path) => path.endsWith(".md"));

/** The anchor that a heading gets where the documents are read: lower case, words joined by hyphens, other signs left out. */
const anchorOf = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(" ", "-");
const anchorsIn = (file: string): string[] =>
  [...readFileSync(file, "utf8").matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ""));

it("every link between documents leads to a file and a heading that are there", () => {
  const links = documents.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/\]\(([^)\s]+)\)/g)].map((match) => ({ file, target: match[1] ?? "" })),
  );
  const inside = links.filter(({ target }) => !/^[a-z]+:/.test(target));
  expect(inside.length).toBeGreaterThan(15);
  const broken = inside.filter(({ file, target }) => {
    const [path = "", anchor] = target.split("#");
    const at = path === "" ? file : join(dirname(file), path);
    return !existsSync(at) || (anchor !== undefined && !anchorsIn(at).includes(anchor));
  });
  expect(broken.map(({ file, target }) => `${relative(root, file)} -> ${target}`)).toEqual([]);
});

it("every section of docs/methods.md that the code names is there", () => {
  const known = readFileSync(join(root, "docs/methods.md"), "utf8").match(/^#+ [\d.]+/gm) ?? [];
  const sections = known.map((heading) => heading.replace(/^#+ /, "").replace(/\.$/, ""));
  const sources = readdirSync(join(root, "src"), { recursive: true })
    .map((name) => join(root, "src", String(name)))
    .filter((path) => path.endsWith(".ts"));
  const named = sources.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/docs\/methods\.md((?:,? §[\d.]*\d)+)/g)].flatMap((match) =>
      [...(match[1] ?? "").matchAll(/§([\d.]*\d)/g)].map((section) => ({ file, section: section[1] ?? "" })),
    ),
  );
  expect(named.length).toBeGreaterThan(20);
  const missing = named.filter(({ section }) => !sections.includes(section));
  expect(missing.map(({ file, section }) => `${relative(root, file)}: §${section}`)).toEqual([]);
});
