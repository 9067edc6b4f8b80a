// `gandl serve` in a process of its own, and the memory that it holds.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The command, built. */
export const main = fileURLToPath(new URL("../../dist/cli/main.js", import.meta.url));
const pages = fileURLToPath(new URL("../../dist", import.meta.url));

/** Whether `npm run setup` built the command and its pages. */
export const isBuilt = existsSync(main) && ["explorer", "encoder-page"].every((name) => existsSync(join(pages, name)));
/** Whether the system tells how much memory another process holds. */
export const tellsMemory = existsSync("/proc/self/status");

/** Of /proc on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100;

/** A server that runs. */
export class ServeProcess {
  readonly address: string;
  /** What it said on stderr: faults of its own. */
  readonly said: string[] = [];
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, address: string) {
    this.#child = child;
    this.address = address;
    child.stderr?.on("data", (text) => this.said.push(String(text)));
  }

  /** Serves `folder` on a free port. */
  static async start(folder: string): Promise<ServeProcess> {
    const child = spawn(process.execPath, [main, "serve", folder, "--port", "0", "--json"], { stdio: "pipe" });
    const line = await new Promise<string>((resolve, reject) => {
      let told = "";
      child.stdout.on("data", (text) => {
        told += text;
        if (told.trimEnd().endsWith("}")) resolve(told);
      });
      child.once("close", () => reject(new Error("the server ended before it listened")));
    });
    return new ServeProcess(child, (JSON.parse(line) as { address: string }).address);
  }

  /** Resident memory in MiB. */
  residentMiB(): number {
    const status = readFileSync(`/proc/${this.#child.pid}/status`, "utf8");
    return Number(/VmRSS:\s+(\d+)/.exec(status)![1]) / 1024;
  }

  /** Processor time used so far, of all threads. */
  cpuSeconds(): number {
    const fields = readFileSync(`/proc/${this.#child.pid}/stat`, "utf8").split(") ")[1]!.split(" ");
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }

  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.#child.once("close", resolve));
    this.#child.kill("SIGTERM");
    return ended;
  }
}
