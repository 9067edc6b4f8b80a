// `gandl serve`: plates, cells and maps in a browser on this machine.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";
import { packageVersion } from "../package-version.ts";
import { createView } from "../view.ts";
import { whole } from "./import.ts";

interface Options {
  port: number;
  host: string;
  token?: string;
  open?: boolean;
  json?: boolean;
}

/** Where `npm run setup` builds the pages, seen from the sources and from the build alike. */
const PAGES = fileURLToPath(new URL("../../../dist/explorer", import.meta.url));

export function addServe(program: Command): void {
  program
    .command("serve")
    .summary("look at data sets, runs and embeddings in the browser")
    .description(
      "Serves the explorer over everything found in the folders given: plates, images, maps, training. It only reads. By default only this machine reaches it; on another --host everyone needs the token that the printed address carries.",
    )
    .argument("[folders...]", "where data sets, runs and embeddings lie", ["."])
    .option("--port <n>", "port to listen on; 0 for any free one", whole, 4173)
    .option("--host <name>", "address to listen on", "127.0.0.1")
    .option("--token <text>", "demand this token instead of a random one")
    .option("--open", "open the browser")
    .option("--json", "print the address as JSON")
    .addHelpText(
      "after",
      "\nExample:\n  gandl serve demo --open\n  gandl serve /data/screens --host 0.0.0.0 --port 8080",
    )
    .action(async (folders: string[], { port, host, token, open, json }: Options) => {
      const { listen } = await import("../../server/index.ts");
      const view = createView(json === true);
      const server = await listen({
        ...{ folders, port, host, pages: PAGES, version: packageVersion() },
        ...(token === undefined ? {} : { token }),
        onFault: (error) => view.line(error instanceof Error ? (error.stack ?? error.message) : String(error)),
      });
      view.result({ address: server.address, port: server.port }, `The explorer: ${server.address}`);
      view.line("Ctrl-C ends it.");
      server.warm().catch(() => {}); // the page will hear of it, in words
      if (open) openBrowser(server.address);
      await new Promise<void>((resolve) => {
        process.once("SIGINT", resolve);
        process.once("SIGTERM", resolve);
      });
      await server.close();
    });
}

/** Where there is no browser the address was printed, which is enough. */
export function openBrowser(address: string): void {
  const command = process.platform === "darwin" ? "open" : process.platform === "win32" ? "explorer" : "xdg-open";
  spawn(command, [address], { stdio: "ignore", detached: true })
    .on("error", () => {})
    .unref();
}
