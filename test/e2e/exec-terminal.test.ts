// `exec -t`: a terminal in the container, whatever ours is.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const startSleeper = (lichen: Lichen) => lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')

test('exec -t gives the command a terminal, with every byte of output, when we have none', async ({ lichen }) => {
  await startSleeper(lichen)
  const result = await lichen('exec', '-t', 'c', 'sh', '-c', 'tty; echo err >&2; seq 1 20000; exit 5')
  const numbers = Array.from({ length: 20_000 }, (_, index) => `${index + 1}\r\n`).join('')
  expect(result).toMatchObject({ code: 5, stdout: `/dev/pts/0\r\nerr\r\n${numbers}`, stderr: '' })
})

// podman never tells the end
lichenTest('exec -it ends with its input when that is no terminal', async ({ lichen }) => {
  await startSleeper(lichen)
  const script = 'stty -echo; echo ready; md5sum'
  for (const input of ['one\ntwo\n', 'one\ntwo']) {
    const result = await lichen.with({ input }, 'exec', '-it', 'c', 'cat')
    expect(result.code).toBe(0)
    expect(result.stdout.replaceAll('\r', '').replaceAll('^D\b\b', '').endsWith(input)).toBe(true)
  }
  expect((await lichen.with({ input: '' }, 'exec', '-it', 'c', 'sh', '-c', script)).stdout).toContain(
    'd41d8cd98f00b204e9800998ecf8427e', // of nothing
  )
})

test('exec -it gives ctrl-c to the command and leaves our terminal as it was', async ({ lichen }) => {
  await startSleeper(lichen)
  const script = 'trap "echo interrupted; exit 5" INT; echo ready; while :; do sleep 0.05; done'
  const terminal = lichen.terminal(['exec', '-it', 'c', 'sh', '-c', script])
  await terminal.expect('ready')
  terminal.type('\x03')
  await terminal.expect('interrupted')
  expect(await terminal.exit()).toMatchObject({ code: 5, canonical: true, echo: true })
})

test('exec -it tells the command the size of our terminal when it changes', async ({ lichen }) => {
  await startSleeper(lichen)
  const script = 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
  const terminal = lichen.terminal(['exec', '-it', 'c', 'sh', '-c', script])
  await terminal.expect('ready')
  terminal.resize(44, 111)
  await terminal.expect('44 111')
  terminal.type('\x03')
  expect((await terminal.exit()).code).not.toBe(0)
})

for (const [what, flags, keys] of [
  ['ctrl-p ctrl-q', [], '\x10\x11'],
  ['the keys of --detach-keys', ['--detach-keys', 'ctrl-a,d'], '\x01d'],
] as const)
  test(`exec -it leaves the command running when ${what} are typed`, async ({ lichen }) => {
    await startSleeper(lichen)
    const script = 'echo ready; while test ! -e /end; do echo working; sleep 0.05; done; touch /ended'
    const terminal = lichen.terminal(['exec', '-it', ...flags, 'c', 'sh', '-c', script])
    await terminal.expect('ready')
    terminal.press(keys)
    // podman calls it an error
    expect(await terminal.exit()).toMatchObject({ code: isLichen ? 0 : 255, canonical: true, echo: true })
    await lichen.ok('exec', 'c', 'touch', '/end')
    await waitFor('its end', async () => (await lichen('exec', 'c', 'test', '-e', '/ended')).code === 0)
  })

test('exec -it passes the keys on when --detach-keys is empty', async ({ lichen }) => {
  await startSleeper(lichen)
  const terminal = lichen.terminal([
    'exec',
    '-it',
    '--detach-keys=',
    'c',
    'sh',
    '-c',
    'stty raw -echo; echo ready; head -c 2 | od -An -tx1',
  ])
  await terminal.expect('ready')
  terminal.press('\x10\x11')
  await terminal.expect('10 11')
  expect((await terminal.exit()).code).toBe(0)
})

lichenTest('exec -it takes a paste of a megabyte whole', async ({ lichen }) => {
  await startSleeper(lichen)
  const paste = 'abcdefghi\n'.repeat(100_000)
  const script = `stty raw -echo; echo ready; head -c ${paste.length} | wc -c`
  const terminal = lichen.terminal(['exec', '-it', 'c', 'sh', '-c', script])
  await terminal.expect('ready')
  terminal.type(paste)
  await terminal.expect(String(paste.length))
  expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
})
