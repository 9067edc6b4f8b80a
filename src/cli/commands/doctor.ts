// `gandl doctor`: is this machine ready?
import type { Command } from "commander";
import { renderChecks } from "../doctor/check.ts";
import { createView } from "../view.ts";

export function addDoctor(program: Command): void {
  program
    .command("doctor")
    .summary("is this machine ready? Each fault with the command that mends it")
    .description(
      "Looks at Node, compiler, LibTorch (version, ABI, CUDA, BLAS, threads), the native addon, ONNX Runtime, DuckDB, sharp, disk and memory, and runs a self-test of a few seconds.",
    )
    .option("--json", "print the findings as JSON")
    .addHelpText("after", "\nExample:\n  gandl doctor")
    .action(async ({ json }: { json?: boolean }) => {
      const { machineChecks } = await import("../doctor/machine-checks.ts");
      const { libtorchChecks } = await import("../doctor/libtorch-checks.ts");
      const checks = [...(await machineChecks(process.cwd())), ...(await libtorchChecks())];
      createView(json === true).result(checks, renderChecks(checks));
      if (checks.some(({ status }) => status === "fail")) process.exitCode = 1;
    });
}
