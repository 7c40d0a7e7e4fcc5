// What programs do with a terminal: edit on the whole screen, stop and continue jobs, take a large paste.

import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import { test } from '../support/container-test.js'

const ESCAPE = '\x1b'
const CTRL_C = '\x03'
const CTRL_Z = '\x1a'

test('an editor draws its screen and saves what was typed', async ({ lichen }) => {
  const terminal = lichen.terminal([
    'run',
    '--rm',
    '-it',
    'box',
    'sh',
    '-c',
    'vi /tmp/note; echo; cat /tmp/note; echo end',
  ])
  await terminal.expect('~')
  terminal.type('ifirst line\rsecond')
  await terminal.expect('second')
  // what follows an escape at once would be a function key: the status line says when it was understood
  terminal.type(ESCAPE)
  await terminal.expect('- /tmp/note')
  terminal.type('0ithe ')
  await terminal.expect('I /tmp/note')
  terminal.type(ESCAPE)
  await terminal.expect('- /tmp/note')
  terminal.type(':wq\r')
  await terminal.expect(/first line\r\nthe second\r\nend/)
  expect(await terminal.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
})

test('a shell stops, lists, continues and interrupts its jobs', async ({ lichen }) => {
  const terminal = lichen.terminal(['run', '--rm', '-it', 'box', 'sh'])
  await terminal.expect('# ')
  terminal.type('sh -c "echo begun; sleep 600"\n')
  await terminal.expect('begun\r\n') // it has the terminal now
  terminal.type(CTRL_Z)
  await terminal.expect(/Stopped +sh -c/)
  terminal.type('jobs | wc -l; bg; fg\n')
  await terminal.expect(/1\r\n\[1\] sh -c .*\r\nsh -c .*\r\n/)
  terminal.type(CTRL_C)
  await terminal.expect('# ')
  terminal.type('echo "code $?"; exit 4\n')
  await terminal.expect('code 130')
  expect(await terminal.exit()).toMatchObject({ code: 4, canonical: true, echo: true })
})

test('a paste of one megabyte arrives whole', async ({ lichen }) => {
  const paste = Array.from({ length: 1 << 16 }, (_, line) => `${String(line).padStart(15, '.')}\n`).join('')
  const script = 'stty raw -echo; echo ready; sleep 0.2; head -c 1048576 | sha256sum; stty sane'
  const terminal = lichen.terminal(['run', '--rm', '-it', 'box', 'sh', '-c', script])
  await terminal.expect('ready')
  terminal.type(paste)
  await terminal.expect(createHash('sha256').update(paste).digest('hex'))
  expect((await terminal.exit()).code).toBe(0)
})
