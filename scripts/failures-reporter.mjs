// Says last what failed, so that the end of a long log names it: tests by name, and files whose process died.

/** The first line of what a test threw. */
const firstLine = (errors) => String(errors[0]?.message ?? "it threw nothing that can be read").split("\n")[0];

/** A reporter for vitest. */
export default class FailuresReporter {
  onTestRunEnd(modules, unhandled) {
    for (const module of modules) {
      for (const test of module.children.allTests("failed"))
        console.log(`FAILED ${module.relativeModuleId} > ${test.fullName}: ${firstLine(test.result().errors)}`);
      const errors = module.errors();
      if (errors.length > 0) console.log(`FAILED ${module.relativeModuleId}: ${firstLine(errors)}`);
      if (["queued", "pending"].includes(module.state()))
        console.log(`DIED ${module.relativeModuleId}: its process ended before its tests did (killed, or crashed)`);
    }
    for (const error of unhandled) console.log(`ERROR outside tests: ${firstLine([error])}`);
  }
}
