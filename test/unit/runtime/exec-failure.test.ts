import { expect, it } from 'vitest'
import { isExecFailure } from '../../../src/runtime/exec-failure.js'

it.each([
  [
    '{"msg":"exec container process `/bin/bad`: Exec format error","level":"error","time":"2026-01-01T00:00:00Z"}\n',
    true,
  ],
  ['exec /bin/bad: exec format error\n', true],
  ['exec /script: no such file or directory\n', true],
  ['exec /script: no such file or directory\nmore\n', false],
  ['{"msg":"hello","level":"error"}\n', false],
  ['exec something\n', false],
  ['', false],
])('isExecFailure tells %j: %s', (text, is) => {
  expect(isExecFailure(Buffer.from(text))).toBe(is)
})
