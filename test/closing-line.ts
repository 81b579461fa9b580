import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with `N passed, N failed, N skipped` and the skips grouped by reason. A file that fails to load counts as failed. */
export class ClosingLine implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, errors: ReadonlyArray<unknown>): void {
    let passed = 0;
    let failed = errors.length;
    const skips = new Map<string, number>();
    for (const module of modules) {
      let tests = 0;
      for (const test of module.children.allTests()) {
        tests++;
        const result = test.result();
        if (result.state === "passed") passed++;
        else if (result.state === "failed") failed++;
        else {
          const reason = (result.state === "skipped" && result.note) || "no reason given";
          skips.set(reason, (skips.get(reason) ?? 0) + 1);
        }
      }
      if (module.state() === "failed" && tests === 0) failed++;
    }
    const skipped = [...skips.values()].reduce((sum, count) => sum + count, 0);
    for (const [reason, count] of skips) console.log(`skipped ${count}: ${reason}`);
    console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
  }
}
