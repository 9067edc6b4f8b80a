// The folder that a demo replaces: only what a demo made may go.
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeWhole } from "../../data/write-whole.ts";
import { checkOutputFolder } from "./check-output.ts";
import { notOfADemo } from "./errors.ts";

const PARTS = ["dataset", "run", "embeddings", "page", "report.html", "summary.json", "results.json"];
const MARK = "demo.json";

/** Makes the folder, or empties it of an earlier demo. @throws GanDlError `bad-output`; `folder-not-empty` where another's work would go. */
export async function clearDemoFolder(out: string): Promise<void> {
  await checkOutputFolder("--out", out);
  const names = await readdir(out).catch(() => [] as string[]);
  const taken = PARTS.filter((part) => names.includes(part));
  if (taken.length > 0 && !names.includes(MARK)) throw notOfADemo(out, taken);
  await mkdir(out, { recursive: true });
  await writeWhole(join(out, MARK), `${JSON.stringify({ kind: "gandl-demo", replaces: PARTS })}\n`);
  for (const part of PARTS) await rm(join(out, part), { recursive: true, force: true });
}
