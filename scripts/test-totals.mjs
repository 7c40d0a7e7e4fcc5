// Adds up what the legs of a test run came to (one JSON file each, written by test/support/totals-reporter.ts and scripts/check)
// and prints it as the last line of the run. Exits non-zero on a failure, with STRICT=1 on a skip too, and when nothing ran.
// Usage: node scripts/test-totals.mjs DIRECTORY

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const [directory] = process.argv.slice(2)
const sum = { passed: 0, failed: 0, skipped: 0 }
for (const file of readdirSync(directory).sort()) {
  const { passed, failed, skipped } = JSON.parse(readFileSync(join(directory, file), 'utf8'))
  console.log(`${file.replace(/\.json$/, '').padEnd(24)} ${passed} passed, ${failed} failed, ${skipped} skipped`)
  sum.passed += passed
  sum.failed += failed
  sum.skipped += skipped
}
console.log(`${sum.passed} passed, ${sum.failed} failed, ${sum.skipped} skipped`)
const isRed = sum.failed > 0 || sum.passed === 0 || (process.env.STRICT === '1' && sum.skipped > 0)
process.exitCode = isRed ? 1 : 0
