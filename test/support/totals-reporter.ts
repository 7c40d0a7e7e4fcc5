// Writes what a run came to, `{"passed":1,"failed":1,"skipped":0,"failures":["file > title: first line of the error"]}`, to the file
// LICHEN_TEST_TOTALS: scripts/test adds the legs up and says the failures again where a long log is read: at its end.
// With STRICT=1 a skipped test is a failed run. Errors outside tests count as failures too: nothing red may look green.

import { writeFileSync } from 'node:fs'
import type { Reporter, TestModule } from 'vitest/node'

export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const totals = { passed: 0, failed: unhandledErrors.length, skipped: 0 }
    const failures = unhandledErrors.map((error) => `outside a test: ${String(error).slice(0, 300)}`)
    for (const module of modules) {
      const before = totals.failed
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result()
        totals[state === 'pending' ? 'failed' : state] += 1
        if (state === 'failed' || state === 'pending') {
          failures.push(
            `${module.relativeModuleId} > ${test.fullName}: ${errors?.[0]?.message.slice(0, 1500) ?? 'never ended'}`,
          )
        }
        if (state === 'skipped' && process.env.STRICT === '1') console.error(`STRICT: skipped: ${test.fullName}`)
      }
      // A file that could not be loaded, or whose hooks failed, holds no failed test of its own.
      if (!module.ok() && totals.failed === before) {
        totals.failed += 1
        failures.push(`${module.relativeModuleId}: ${module.errors()[0]?.message.slice(0, 1500) ?? 'a hook failed'}`)
      }
    }
    if (process.env.STRICT === '1' && totals.skipped > 0) process.exitCode = 1
    const file = process.env.LICHEN_TEST_TOTALS
    if (file !== undefined) writeFileSync(file, `${JSON.stringify({ ...totals, failures })}\n`)
  }
}
