// Real terminals: -it, prompts, window sizes, ctrl-c, detach keys, and the state the terminal is left in.

import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { waitFor } from '../support/wait-for.js'

const DETACH = '\x10\x11'

test('run -it gives a shell a terminal and leaves ours as it was when it exits', async ({ lichen }) => {
  const terminal = lichen.terminal(['run', '--rm', '-it', 'box', 'sh'])
  await terminal.expect('/ # ')
  terminal.type('tty; exit 3\n')
  await terminal.expect('/dev/pts/0')
  expect(await terminal.exit()).toMatchObject({ code: 3, canonical: true, echo: true })
})

test('run -it sets the window size at the start and again when it changes', async ({ lichen }) => {
  const terminal = lichen.terminal(['run', '--rm', '-it', 'box', 'sh'], { rows: 33, columns: 99 })
  await terminal.expect('# ')
  await waitFor('the first size', async () => {
    terminal.type('stty size\n')
    await terminal.expect(/\d+ \d+\r\n/)
    return terminal.screen().includes('33 99')
  })
  terminal.resize(44, 111)
  await waitFor('the second size', async () => {
    terminal.type('stty size\n')
    await terminal.expect(/\d+ \d+\r\n/)
    return terminal.screen().includes('44 111')
  })
  terminal.type('exit\n')
  expect((await terminal.exit()).code).toBe(0)
})

test('run -it gives ctrl-c to the command when it is typed', async ({ lichen }) => {
  const script = 'trap "echo interrupted; exit 5" INT; echo ready; while :; do sleep 0.05; done'
  const terminal = lichen.terminal(['run', '--rm', '-it', 'box', 'sh', '-c', script])
  await terminal.expect('ready')
  terminal.type('\x03')
  await terminal.expect('interrupted')
  expect(await terminal.exit()).toMatchObject({ code: 5, canonical: true, echo: true })
})

test('run -it leaves the container running when ctrl-p ctrl-q is typed, and attach comes back', async ({ lichen }) => {
  const terminal = lichen.terminal(['run', '-it', '--name', 'c', 'box', 'sh'])
  await terminal.expect('# ')
  terminal.type('word=kept\n')
  await terminal.expect('# ')
  terminal.press(DETACH)
  expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')

  const again = lichen.terminal(['attach', 'c'])
  again.type('echo "<$word>"; exit 6\n')
  await again.expect('<kept>')
  // podman 4.3's attach loses the exit code.
  expect(await again.exit()).toMatchObject({ code: isLichen ? 6 : 0, canonical: true, echo: true })
})

test('attach leaves the container running when the keys said with --detach-keys are typed', async ({ lichen }) => {
  await lichen.ok('run', '-dit', '--name', 'c', 'box', 'sh')
  const terminal = lichen.terminal(['attach', '--detach-keys', 'ctrl-a,d', 'c'])
  terminal.type('echo ma""rk\n')
  await terminal.expect('mark\r\n')
  terminal.press('\x01d')
  expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
  expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')
})

lichenTest(
  'run -it leaves the container running when the detach keys come in one piece after text',
  async ({ lichen }) => {
    const terminal = lichen.terminal(['run', '-it', '--name', 'c', 'box', 'cat'])
    terminal.type('text\n')
    await terminal.expect('text\r\ntext')
    terminal.type(`more${DETACH}`)
    expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
    expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')
  },
)

test('run -it passes a bare newline on when the command has made its terminal raw', async ({ lichen }) => {
  const script = 'stty raw -echo; printf "down\\nhere\\r\\n"; stty sane'
  const terminal = lichen.terminal(['run', '--rm', '-it', 'box', 'sh', '-c', script])
  await terminal.expect('down\nhere\r\n')
  expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
})

test('run -t prints both streams on the terminal when the command writes both', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '-t', 'box', 'sh', '-c', 'echo out; echo err >&2')
  expect(result).toMatchObject({ code: 0, stdout: 'out\r\nerr\r\n' })
})

test('run -t passes every byte when the output is large', async ({ lichen }) => {
  const result = await lichen('run', '--rm', '-t', 'box', 'seq', '1', '50000')
  expect(result.stdout).toBe(Array.from({ length: 50_000 }, (_, index) => `${index + 1}\r\n`).join(''))
})

test('run -it sets TERM when a terminal is asked for', async ({ lichen }) => {
  expect((await lichen('run', '--rm', '-t', 'box', 'sh', '-c', 'echo $TERM')).stdout).toBe('xterm\r\n')
})

test('exec -it gives the command a terminal of the right size and its exit code when it ends', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '60')
  const terminal = lichen.terminal(['exec', '-it', 'c', 'sh'], { rows: 30, columns: 90 })
  await terminal.expect('# ')
  await waitFor('the size', async () => {
    terminal.type('stty size\n')
    await terminal.expect(/\d+ \d+\r\n/)
    return terminal.screen().includes('30 90')
  })
  terminal.type('exit 4\n')
  expect(await terminal.exit()).toMatchObject({ code: 4, canonical: true, echo: true })
})

test('the container goes on when the terminal of its run -it goes away', async ({ lichen }) => {
  const terminal = lichen.terminal([
    'run',
    '-it',
    '--name',
    'c',
    'box',
    'sh',
    '-c',
    'trap "" HUP; echo ready; sleep 60',
  ])
  await terminal.expect('ready')
  terminal.kill()
  await waitFor('a quiet moment', () => true)
  expect(await lichen.ok('exec', 'c', 'echo', 'alive')).toBe('alive')
})
