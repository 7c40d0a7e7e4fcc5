// mon: the journal (PROTOCOL.md, journal and journal_field). Against a small reader of the native protocol and, as root where
// it is installed, against systemd's own journald.

import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Message, type Reader, startReader } from './datagrams.js'
import { finish, killLeftovers, run, start } from './monitor-client.js'
import { cleanEnv, makeWorld, monitorPath, prepare, users, type World } from './support.js'

const JOURNALD = '/lib/systemd/systemd-journald'
describe.each(users)('mon as $name', (user) => {
  let world: World
  let reader: Reader | undefined
  beforeEach(() => {
    world = makeWorld(user)
  })
  afterEach(() => {
    reader?.child.kill('SIGKILL')
    reader = undefined
    killLeftovers()
    world.remove()
  })
  const journal = (...fields: string[]): string[] => [
    'log=',
    `journal=${world.path('journal')}`,
    ...fields.map((field) => `journal_field=${field}`),
  ]
  const runScript = (script: string, words: readonly string[]) => run(world, { argv: ['sh', '-c', script], words })

  test('sends each line with the fields, its priority, and whether it is partial', async () => {
    reader = await startReader(world.path('journal'))
    const { messages, until } = reader
    const fields = ['CONTAINER_NAME=web', 'CONTAINER_LABELS=one\ntwo', 'EMPTY=']
    const { exit } = await runScript(
      'echo first; echo; sleep 0.1; echo oops >&2; sleep 0.1; printf "a=b\\tc"',
      journal(...fields),
    )
    expect(exit[0]).toBe(0)
    await until(() => messages.length >= 4)
    const common = { CONTAINER_NAME: 'web', CONTAINER_LABELS: 'one\ntwo', EMPTY: '' }
    expect(messages).toEqual([
      { ...common, PRIORITY: '6', MESSAGE: 'first' },
      { ...common, PRIORITY: '6', MESSAGE: '' },
      { ...common, PRIORITY: '3', MESSAGE: 'oops' },
      { ...common, PRIORITY: '6', MESSAGE: 'a=b\tc', CONTAINER_PARTIAL_MESSAGE: 'true' },
    ])
  })

  test('loses nothing of a quick burst when the journal reads', async () => {
    reader = await startReader(world.path('journal'))
    const { messages, until } = reader
    const { monitor } = await run(world, { argv: ['seq', '1', '3000'], words: journal() })
    await until(() => messages.length >= 3000)
    expect(messages.map(({ MESSAGE }) => Number(MESSAGE))).toEqual(
      Array.from({ length: 3000 }, (_, index) => index + 1),
    )
    expect(monitor.stderr()).toBe('')
  })

  test('sends a line that comes in pieces as one, a very long one in parts, what has no end at the end', async () => {
    reader = await startReader(world.path('journal'))
    const { messages, until } = reader
    const long = `${'x'.repeat(40_000)}y`
    writeFileSync(world.path('layers/a/long'), `${long}\n`)
    await runScript('printf a; sleep 0.1; printf b >&2; sleep 0.1; echo c; cat /long', journal())
    await until(() => messages.some(({ MESSAGE }) => MESSAGE === 'b'))
    expect(messages[0]).toEqual({ PRIORITY: '6', MESSAGE: 'ac' })
    expect(messages.at(-1)).toEqual({ PRIORITY: '3', MESSAGE: 'b', CONTAINER_PARTIAL_MESSAGE: 'true' })
    const parts = messages.slice(1, -1)
    expect(parts.map(({ MESSAGE }) => MESSAGE).join('')).toBe(long)
    const marks = parts.map(({ CONTAINER_PARTIAL_MESSAGE }) => CONTAINER_PARTIAL_MESSAGE)
    expect(marks.length).toBeGreaterThan(1) // how many depends on what each read brings
    expect(marks).toEqual([...marks.slice(1).fill('true'), undefined])
  })

  test('sends what is too large for the socket as a file', async () => {
    reader = await startReader(world.path('journal'))
    const { messages, until } = reader
    const large = 'x'.repeat(300_000)
    const { monitor } = await run(world, { argv: ['echo', 'hello'], words: journal(`LARGE=${large}`) })
    await until(() => messages.length > 0)
    expect(messages).toEqual([{ LARGE: large, PRIORITY: '6', MESSAGE: 'hello', _file: true }])
    expect(monitor.stderr()).toBe('')
  })

  test('runs on, and says so once, when there is no journal', async () => {
    const { monitor, exit } = await runScript('seq 1 2000; exit 4', journal())
    expect(exit[0]).toBe(4)
    expect(monitor.first.text().split('\n')).toHaveLength(2001)
    expect(monitor.stderr()).toBe(
      `lichen-monitor: write: journal: ${world.path('journal')}: No such file or directory\n`,
    )
  })

  test('runs on, and says so once, when the journal does not read', async () => {
    reader = await startReader(world.path('journal'), 'deaf')
    const { monitor, exit } = await runScript('seq 1 2000; exit 4', journal())
    expect(exit[0]).toBe(4)
    expect(monitor.first.text().split('\n')).toHaveLength(2001)
    expect(monitor.stderr()).toBe(
      `lichen-monitor: write: journal: ${world.path('journal')}: Resource temporarily unavailable\n`,
    )
  })

  test('answers its clients between the lines that wait for a slow journal', async () => {
    const slow = await startReader(world.path('journal'), '0.002')
    reader = slow
    const monitor = await start(world, { argv: ['sh', '-c', 'yes | head -c 16000; sleep 4242'], words: journal() })
    await slow.until(() => slow.messages.length > 0)
    monitor.first.send('h')
    await monitor.first.expect('h')
    expect(slow.messages.length).toBeLessThan(2000) // of 8000
    slow.child.kill('SIGKILL') // nothing is waited for any more
    monitor.first.send('k', '9')
    await finish(monitor)
  })

  test('sends to a journal that was started again', async () => {
    const script = 'echo one; read x; echo two'
    reader = await startReader(world.path('journal'))
    const monitor = await start(world, { argv: ['sh', '-c', script], stdin: true, words: journal() })
    const first = reader
    await first.until(() => first.messages.length === 1)
    first.child.kill('SIGKILL')
    rmSync(world.path('journal'))
    reader = await startReader(world.path('journal'))
    monitor.first.send('i', 'go\n')
    await finish(monitor)
    const second = reader
    await second.until(() => second.messages.length === 1)
    expect(second.messages[0]?.MESSAGE).toBe('two')
  })

  // it needs a /run of its own
  if (user.root)
    test.skipIf(!existsSync(JOURNALD))('is understood by the journal of systemd', () => {
      const script = world.path('with-journald')
      // Of its own /run, so that it is nobody else's journal.
      writeFileSync(
        script,
        `set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
mkdir -p /run/systemd/journal /run/log/journal
${JOURNALD} >/dev/null 2>&1 &
daemon=$!
trap 'kill $daemon' EXIT
until test -S /run/systemd/journal/socket; do sleep 0.05; done
python3 - "$@" <<'END'
import fcntl, os, socket, subprocess, sys
ours, theirs = socket.socketpair()
ours = socket.socket(fileno=fcntl.fcntl(ours.detach(), fcntl.F_DUPFD, 10))
os.dup2(theirs.fileno(), 3, inheritable=True)
child = subprocess.Popen(sys.argv[1:], pass_fds=[3])
ours.sendall(b'g\\0\\0\\0\\0s\\0\\0\\0\\0')
sys.exit(child.wait())
END
journalctl --sync >/dev/null 2>&1 || true
exec journalctl --directory /run/log/journal --output json CONTAINER_NAME=web
`,
      )
      const prepared = prepare(world, {
        argv: ['sh', '-c', 'echo hello; sleep 0.1; echo oops >&2; sleep 0.1; printf half'],
        words: [
          'log=',
          'journal=/run/systemd/journal/socket',
          'journal_field=CONTAINER_NAME=web',
          'journal_field=A=b\nc',
        ],
      })
      const shown = execFileSync('unshare', ['-m', 'sh', script, monitorPath, 'mon', prepared.specPath], {
        encoding: 'utf8',
        env: cleanEnv(),
      })
      const messages = shown
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Message)
      expect(
        messages.map(({ MESSAGE, PRIORITY, A, CONTAINER_PARTIAL_MESSAGE }) => [
          MESSAGE,
          PRIORITY,
          A,
          CONTAINER_PARTIAL_MESSAGE,
        ]),
      ).toEqual([
        ['hello', '6', 'b\nc', undefined],
        ['oops', '3', 'b\nc', undefined],
        ['half', '6', 'b\nc', 'true'],
      ])
    })
})
