// From the words of `exec` to what was said.

import { expect, test } from 'vitest'
import { execFlags, toExecRequest } from '../../../src/cli/exec-flags.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'

async function exec(...words: string[]) {
  const { flags, positionals } = await parseWords(words, execFlags as unknown as FlagDefinitions, false)
  return toExecRequest(flags as never, positionals[0] ?? '', positionals.slice(1))
}

const NOTHING_SAID = {
  ...{ container: 'c', command: ['true'], interactive: false, tty: false, detach: false, detachKeys: [16, 17] },
  ...{ env: [], envFiles: [], preserveFds: 0, singleFds: [], privileged: false },
}

test('toExecRequest takes the defaults when nothing is said', async () => {
  expect(await exec('c', 'true')).toStrictEqual(NOTHING_SAID)
})

test('toExecRequest leaves the words of the command alone when they look like flags', async () => {
  expect(await exec('-it', '-w', '/', 'c', 'ls', '-l', '-u')).toStrictEqual({
    ...NOTHING_SAID,
    ...{ command: ['ls', '-l', '-u'], interactive: true, tty: true, workdir: '/' },
  })
})

test('toExecRequest takes keys, files and descriptors when they are said', async () => {
  const request = await exec(
    '--detach-keys',
    'ctrl-a,d',
    '--env-file',
    'a,b',
    '--env-file',
    'c',
    '--preserve-fds=2',
    '--preserve-fd=9,7',
    'c',
    'x',
  )
  expect(request).toMatchObject({ detachKeys: [1, 100], envFiles: ['a,b', 'c'], preserveFds: 2, singleFds: [9, 7] })
  expect((await exec('--detach-keys=', 'c', 'x')).detachKeys).toEqual([])
})

test('toExecRequest refuses a standard stream as a descriptor', async () => {
  await expect(exec('--preserve-fd', '3,2', 'c', 'x')).rejects.toThrow('cannot preserve FD 2')
})
