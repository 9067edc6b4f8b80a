// Maps that were drawn: in memory while the server runs, and in the temporary folder for the next time.
import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import type { MapAnswer } from "../schema/explorer.ts";
import type { MapKind, PlacedPoints } from "./feature-jobs.ts";
import { FeatureThread } from "./feature-thread.ts";

type Shelved =
  | { readonly state: "working"; step: string; percent: number | null; readonly since: number }
  | { readonly state: "ready"; readonly points: PlacedPoints }
  | { readonly state: "failed"; readonly message: string };

/** Of each map there is one, however many ask for it. */
export class MapShelf {
  readonly #maps = new Map<string, Shelved>();
  readonly #threads = new Set<FeatureThread>();
  readonly #folder: string;

  constructor(folder: string = join(tmpdir(), `gandl-maps-${userInfo().uid}`)) {
    this.#folder = folder;
  }

  /** How far the map of the table `path` is; starts it where nobody has. @param version changes when the file does. */
  ask(path: string, version: string, kind: MapKind): MapAnswer {
    const key = keyOf(path, version, kind);
    const shelved = this.#maps.get(key);
    if (shelved === undefined) {
      void this.#draw(key, path, kind);
      return { state: "working", step: "reading the table", percent: null, seconds: 0 };
    }
    if (shelved.state === "ready")
      return { state: "ready", nPoints: shelved.points.rows.length, note: shelved.points.note };
    if (shelved.state === "failed") {
      this.#maps.delete(key); // asked again, it is tried again
      return shelved;
    }
    const { step, percent, since } = shelved;
    return { state: "working", step, percent, seconds: Math.round((performance.now() - since) / 1000) };
  }

  /** The points of a map that is ready. */
  points(path: string, version: string, kind: MapKind): PlacedPoints | null {
    const shelved = this.#maps.get(keyOf(path, version, kind));
    return shelved?.state === "ready" ? shelved.points : null;
  }

  close(): void {
    for (const thread of this.#threads) thread.close();
  }

  async #draw(key: string, path: string, kind: MapKind): Promise<void> {
    const [step, since] = ["reading the table", performance.now()] as const;
    const working: Shelved = { state: "working", step, percent: null, since };
    this.#maps.set(key, working);
    const file = join(this.#folder, `${key}.bin`);
    const kept = await readMap(file);
    if (kept) return void this.#maps.set(key, { state: "ready", points: kept });
    // A thread of its own: neighbours are answered while a long map is drawn.
    const thread = new FeatureThread(path);
    this.#threads.add(thread);
    try {
      const points = await thread.map(kind, (percent, at) => Object.assign(working, { step: at, percent }));
      this.#maps.set(key, { state: "ready", points });
      await this.#keep(file, points);
    } catch (error) {
      this.#maps.set(key, { state: "failed", message: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#threads.delete(thread);
      thread.close();
    }
  }

  /** A folder that cannot be written costs nothing but the next drawing. */
  async #keep(file: string, { rows, xy, note }: PlacedPoints): Promise<void> {
    const partial = `${file}.${process.pid}.partial`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const head = Buffer.alloc(4096);
      head.write(JSON.stringify({ n: rows.length, note }));
      await writeFile(partial, Buffer.concat([head, Buffer.from(rows.buffer), Buffer.from(xy.buffer)]));
      await rename(partial, file);
    } catch {
      await rm(partial, { force: true });
    }
  }
}

const keyOf = (path: string, version: string, kind: MapKind) =>
  createHash("sha256").update(`map 1:${kind}:${version}:${path}`).digest("hex");

async function readMap(file: string): Promise<PlacedPoints | null> {
  try {
    const bytes = await readFile(file);
    const { n, note } = JSON.parse(bytes.toString("utf8", 0, 4096).replace(/\0+$/, "")) as {
      n: number;
      note: string | null;
    };
    if (bytes.length !== 4096 + 12 * n) return null;
    const copy = new Uint8Array(bytes.subarray(4096)).buffer;
    return { rows: new Uint32Array(copy, 0, n), xy: new Float32Array(copy, 4 * n, 2 * n), note };
  } catch {
    return null;
  }
}
