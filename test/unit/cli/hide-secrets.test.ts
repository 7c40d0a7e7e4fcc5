import { expect, test } from 'vitest'
import type { FlagDefinitions } from '../../../src/cli/flag-values.js'
import { asText, value } from '../../../src/cli/flags.js'
import { hideSecrets } from '../../../src/cli/hide-secrets.js'
import { splitWords } from '../../../src/cli/pflag.js'

const FLAGS = { creds: value('', asText, { secret: true }), name: value('', asText) } as unknown as FlagDefinitions

test.each([
  [
    ['--creds', 'me:pw', 'box', 'me:pw'],
    ['--creds', '***', 'box', 'me:pw'],
  ],
  [
    ['--name', 'n', '--creds=me:pw', 'box'],
    ['--name', 'n', '--creds=***', 'box'],
  ],
  [
    ['--creds', 'a', '--creds=b', 'box'],
    ['--creds', '***', '--creds=***', 'box'],
  ],
  [
    ['--creds=', 'box'],
    ['--creds=', 'box'],
  ],
  [
    ['box', '--creds', 'of-the-command'],
    ['box', '--creds', 'of-the-command'],
  ],
])('hideSecrets shows %j as %j', (words, shown) => {
  expect(hideSecrets(['lichen', 'run', ...words], splitWords(words, FLAGS, false).tokens, FLAGS)).toEqual([
    'lichen',
    'run',
    ...shown,
  ])
})
