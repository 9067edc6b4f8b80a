// What platforms.mjs reads from the programs it runs, and the table that it makes of it. No files, no processes.

/** What went wrong, in one line, from all that a step printed: the sentence after `set-up failed:` or the like, else the last line. */
export function reasonFrom(text) {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("npm notice"));
  const said = lines.findLast((line) => /^(set-up failed:|in-debian:|FAILED|DIED)/.test(line));
  const line = said ?? lines.findLast((one) => !one.startsWith("fix:")) ?? "it printed nothing";
  return line.length > 160 ? `${line.slice(0, 159)}…` : line;
}

/** The last line of test.mjs. @returns {{ passed: number, failed: number, skipped: number } | null} */
export function testCounts(text) {
  const match = [...text.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped$/gm)].at(-1);
  return match === undefined ? null : { passed: Number(match[1]), failed: Number(match[2]), skipped: Number(match[3]) };
}

/** The largest error of the kernels in float32, of `gandl doctor --json`; as it is written there, or null. */
export function kernelErrorFrom(json) {
  const check = parsed(json)?.find?.(({ name }) => name === "kernels");
  return check?.detail.match(/float32 (\d\S*?)(?:[,;]|$)/)?.[1] ?? null;
}

/** Images a second, of the bench's file, or null. */
export function rateFrom(json) {
  const row = parsed(json)?.rows?.find(({ name }) => name === "train/small/iteration");
  return row?.unit === "img/s" ? row.median : null;
}

/** What PROBE prints. @returns {{ node: string, libtorch: string, oneDnn: string | null, library: string | null } | null} */
export function probeFrom(json) {
  const found = parsed(json);
  if (!found) return null;
  const { node, libtorch, config, maps } = found;
  return {
    node: node.replace(/^v/, ""),
    libtorch: libtorch.replace(/^LibTorch\s+/i, ""),
    oneDnn: config.match(/(?:MKL-DNN|oneDNN) v([\d.]+\d)/)?.[1] ?? null,
    library: maps.match(/\S+\/libtorch_cpu\.so\S*/)?.[0] ?? null,
  };
}

/** Run in the row's system: what is loaded there, not what set-up meant to load. */
export const PROBE = `
const { systemInfo } = await import("./dist/tensor/index.js");
const { readFileSync } = await import("node:fs");
const { libtorch, config } = systemInfo();
console.log(JSON.stringify({ node: process.version, libtorch, config, maps: readFileSync("/proc/self/maps", "utf8") }));`;

function parsed(json) {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

const cell = (value) => (value === null || value === undefined ? "–" : String(value).replaceAll("|", "\\|"));
const testsCell = (tests) => (tests ? `${tests.passed} / ${tests.failed} / ${tests.skipped}` : null);

/** The results as one Markdown table. @param withRates whether the bench ran. */
export function tableOf(results, withRates) {
  const columns = [
    ["platform", (result) => result.title],
    ["Node", (result) => result.node],
    ["LibTorch", (result) => result.libtorch],
    ["oneDNN", (result) => result.oneDnn],
    ["tests passed / failed / skipped", (result) => testsCell(result.tests)],
    ["largest kernel error", (result) => result.kernelError],
    ...(withRates ? [["img/s", (result) => result.imagesPerSecond?.toFixed(1)]] : []),
    ["came out", (result) => (result.faults.length === 0 ? "as it should" : result.faults.join("; "))],
  ];
  const lines = [columns.map(([name]) => name), columns.map(() => "---")];
  for (const result of results) lines.push(columns.map(([, of]) => cell(of(result))));
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
