// Every `@example` of a docstring and every TypeScript block of README.md and docs/ runs, as a reader would run it.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("..", import.meta.url));
const folder = join(root, "build", `examples-${process.pid}`);
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Example {
  readonly name: string;
  readonly code: string;
}

/** The ```ts blocks of a text; `no-run` after the fence exempts one that needs what a test has not got. */
function blocks(text: string): string[] {
  return [...text.matchAll(/```ts\n([\s\S]*?)```/g)].map((match) => match[1] ?? "");
}

function docstringExamples(): Example[] {
  const files = readdirSync(join(root, "src"), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts"))
    .sort();
  return files.flatMap((file) => {
    const comments = readFileSync(join(root, "src", file), "utf8").match(/\/\*\*[\s\S]*?\*\//g) ?? [];
    return comments
      .flatMap((comment) => blocks(comment.replace(/^[ \t]*\* ?/gm, "")))
      .map((code, i) => ({ name: `src/${file} #${i + 1}`, code }));
  });
}

function documentExamples(): Example[] {
  const docs = readdirSync(join(root, "docs"), { recursive: true }).map((name) => join("docs", String(name)));
  const files = ["README.md", "CONTRIBUTING.md", ...docs].filter((name) => name.endsWith(".md"));
  return files.flatMap((file) => {
    let text = "";
    try {
      text = readFileSync(join(root, file), "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
    }
    return blocks(text).map((code, i) => ({ name: `${file} #${i + 1}`, code }));
  });
}

const examples = [...docstringExamples(), ...documentExamples()];

describe("examples", () => {
  it("are found", () => {
    expect(examples.length).toBeGreaterThan(1);
  });

  for (const [index, example] of examples.entries()) {
    it(`runs: ${example.name}`, async () => {
      const file = join(folder, `example-${index}.ts`);
      writeFileSync(file, `${example.code}\nexport {};\n`);
      const assert = console.assert;
      console.assert = (condition?: boolean, ...data: unknown[]) => {
        if (!condition) throw new Error(`an assertion of the example fails: ${data.join(" ")}`);
      };
      try {
        await import(/* @vite-ignore */ relative(import.meta.dirname, file));
      } finally {
        console.assert = assert;
      }
    });
  }
});
