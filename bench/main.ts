// `npm run bench`.
import { benchCommand } from "./command.ts";
import { ROWS } from "./registry.ts";

// Between rounds: temporary folders and the peer go, and nothing is written before the end.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
process.exitCode = await benchCommand(ROWS, process.argv.slice(2), { out: process.stdout, error: process.stderr });
