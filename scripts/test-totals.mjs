// Adds up what the legs of a test run came to (one JSON file each, written by test/support/totals-reporter.ts and scripts/check)
// and prints it as the last line of the run, the failures again before it. Exits non-zero on a failure, with STRICT=1 on a skip too, and when nothing ran.
// Usage: node scripts/test-totals.mjs DIRECTORY

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [directory] = process.argv.slice(2)
const sum = { passed: 0, failed: 0, skipped: 0 }
const failures = []
for (const file of readdirSync(directory).sort()) {
  const { passed, failed, skipped, failures: said = [] } = JSON.parse(readFileSync(join(directory, file), 'utf8'))
  const name = file.replace(/\.json$/, '')
  console.log(`${name.padEnd(24)} ${passed} passed, ${failed} failed, ${skipped} skipped`)
  failures.push(...said.map((failure) => `${name}: FAILED ${failure}`))
  sum.passed += passed
  sum.failed += failed
  sum.skipped += skipped
}
for (const failure of failures) console.log(failure)
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
const isRed = sum.failed > 0 || sum.passed === 0 || (process.env.STRICT === '1' && sum.skipped > 0)
process.exitCode = isRed ? 1 : 0
