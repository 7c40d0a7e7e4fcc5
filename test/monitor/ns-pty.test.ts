// ns --pty and --console: a command on a terminal of its own (PROTOCOL.md, ns). Commands that set their terminal up first, as a
// runtime does.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openTerminal, type Terminal, type TerminalOptions } from '../support/terminal.js'
import { waitFor } from '../support/wait-for.js'
import { as, cleanEnv, makeWorld, monitorPath, nsOptions, type Result, runAs, users, type World } from './support.js'

// A test that waits in spawnSync is not stopped by anybody else.
const LIMIT = { timeout: 20_000, killSignal: 'SIGKILL' } as const

describe.each(users)('ns --pty as $name', (user) => {
  let world: World
  beforeEach(() => {
    world = makeWorld(user)
  })
  afterEach(() => {
    world.remove()
  })
  const words = (options: readonly string[], command: readonly string[]): string[] =>
    as(user, [monitorPath, 'ns', ...nsOptions(world.usernsWords), '--pty', ...options, '--', ...command])
  const pty = (options: readonly string[], script: string, input = ''): Result => {
    const [command = '', ...rest] = words(options, ['sh', '-c', script])
    const done = spawnSync(command, rest, {
      encoding: 'utf8',
      input,
      cwd: '/',
      maxBuffer: 1 << 26,
      ...LIMIT,
      env: cleanEnv(),
    })
    return { code: done.status, signal: done.signal, stdout: done.stdout, stderr: done.stderr }
  }
  const terminal = (options: readonly string[], script: string, size: TerminalOptions = {}): Terminal =>
    openTerminal(words(options, ['sh', '-c', script]), { ...size, env: cleanEnv() })

  test('gives its command a terminal of 24 rows and 80 columns, in a session of its own, when we have none', () => {
    const done = pty([], 'stty size; tty; test "$(ps -o sid= -p $$)" -eq $$ && echo leader; echo err >/dev/tty')
    expect([done.code, done.stderr]).toEqual([0, ''])
    expect(done.stdout).toMatch(/^24 80\n\/dev\/pts\/\d+\nleader\nerr\n$/)
  })

  test.each([
    ['exit 7', 7],
    ['kill -9 $$', 137],
    ['kill -TERM $$', 143],
  ])('ends with the code of %s', (script, code) => {
    expect(pty([], script).code).toBe(code)
  })

  test.each([
    ['no-such-command', 127],
    ['/etc/passwd', 126],
  ])('ends with the code for %s, and says so', (command, code) => {
    const done = runAs(user, [monitorPath, 'ns', ...nsOptions(world.usernsWords), '--pty', '--', command])
    expect([done.code, done.stderr.startsWith(`lichen-monitor: ns: ${command}: `)]).toEqual([code, true])
  })

  test('passes all output on unchanged, to the last byte', () => {
    expect(pty([], 'seq 1 200000; printf end').stdout).toBe(
      `${Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('')}end`,
    )
  })

  test('keeps our input to itself when it is not told to pass it on', () => {
    expect(pty([], 'stty -raw; timeout 0.3 cat; echo "code $?"', 'typed\n').stdout).toBe('code 124\r\n')
  })

  test.each([
    ['one\ntwo\n', '\x04'],
    ['one\ntwo', '\x04\x04'], // the first hands the line over
  ])('tells the end of %j as a terminal does', (input, end) => {
    expect(pty(['--input'], 'head -c 9', input).stdout).toBe(input + end)
  })

  test('passes a megabyte of input on unchanged', () => {
    const input = 'abcdefghi\n'.repeat(100_000)
    expect(pty(['--input'], `head -c ${input.length} | md5sum`, input).stdout).toBe(
      `${spawnSync('md5sum', { input, encoding: 'utf8' }).stdout}`,
    )
  })

  test('has the size of our terminal, hears when it changes, and leaves it as it was', async () => {
    const shown = terminal(
      ['--input'],
      'stty -raw echo; trap "stty size" WINCH; stty size; echo ready; while :; do sleep 0.05; done',
      {
        rows: 33,
        columns: 99,
      },
    )
    await shown.expect('33 99')
    await shown.expect('ready')
    shown.resize(44, 111)
    await shown.expect('44 111')
    shown.type('\x1c') // quit: one key among others to us
    expect(await shown.exit()).toMatchObject({ code: 131, canonical: true, echo: true })
  })

  test('passes ctrl-c on as a key, and signals as signals', async () => {
    const shown = terminal(
      ['--input'],
      'stty -raw; trap "echo interrupted" INT; trap "echo told; exit 5" TERM; echo ready; while :; do sleep 0.05; done',
    )
    await shown.expect('ready')
    shown.type('\x03')
    await shown.expect('interrupted')
    const ns = Number(readFileSync(`/proc/${shown.pid}/task/${shown.pid}/children`, 'utf8').trim())
    process.kill(ns, 'SIGTERM')
    await shown.expect('told')
    expect(await shown.exit()).toMatchObject({ code: 5, canonical: true, echo: true })
  })

  test('leaves its command running when the detach keys are typed, also in one piece after text', async () => {
    const [seen, end] = [world.path('seen'), world.path('end')]
    const script = `stty -raw; echo ready; read word; echo "$word" >${seen}; while test ! -e ${end}; do echo working; sleep 0.05; done; rm ${end}`
    const shown = terminal(['--input', '--detach-keys', '16,17'], script)
    await shown.expect('ready')
    shown.type('one\x10two\n\x10\x11')
    expect(await shown.exit()).toMatchObject({ code: 0, canonical: true, echo: true })
    await waitFor('the line', () => existsSync(seen) && readFileSync(seen, 'utf8') === 'one\x10two\n')
    world.write(end, '')
    await waitFor('the command to go on to its end', () => !existsSync(end))
  })

  test('hangs up on its command when nobody reads the output', () => {
    const hung = world.path('hung')
    const line = words([], ['sh', '-c', `trap "echo x >${hung}; exit" HUP; while :; do echo line; done`])
    const done = spawnSync('sh', ['-c', '"$@" | head -n 1', 'sh', ...line], {
      encoding: 'utf8',
      cwd: '/',
      ...LIMIT,
      env: cleanEnv(),
    })
    expect(done.stdout).toBe('line\n')
    expect(existsSync(hung)).toBe(true)
  })

  test('ends with its command, also when something is left behind that writes for ever', () => {
    const begun = world.path('begun')
    const script = `setsid sh -c 'echo x >${begun}; exec yes' & while test ! -e ${begun}; do :; done; exit 3`
    expect(pty([], script).code).toBe(3)
  })

  test.each([
    [['--detach-keys', '16,x'], '--detach-keys: not byte values'],
    [['--detach-keys', '256'], '--detach-keys: not byte values'],
    [['--detach-keys', Array(65).fill('1').join(',')], '--detach-keys: too many'],
  ])('refuses %j', (options, cause) => {
    const done = pty(options, 'true')
    expect([done.code, done.stderr]).toEqual([64, `lichen-monitor: ns: ${cause}\n`])
  })

  // What the commands below begin with: a terminal, and a message with descriptors.
  const sender = (rest: string): string => {
    const script = world.path('sender.py')
    const begin = `import array, os, select, socket, sys
master, slave = os.openpty()
def send(*fds):
    to = socket.socket(socket.AF_UNIX)
    to.connect(sys.argv[1])
    to.sendmsg([b'tty'], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds))])
`
    writeFileSync(script, begin + rest)
    return script
  }

  test.each([2, 3])(
    '--console takes the first of %d descriptors that are sent, and holds none of the others',
    (count) => {
      const script = sender(`end, other = os.pipe()
send(master, *[other] * ${count - 1})
os.close(other)
print_closed = select.select([end], [], [], 10)[0] and os.read(end, 1) == b''
os.write(slave, b'closed' if print_closed else b'still open')
`)
      const line = words(['--console', world.path('console')], ['/usr/bin/python3', script, world.path('console')])
      const done = spawnSync(line[0] ?? '', line.slice(1), { encoding: 'utf8', cwd: '/', ...LIMIT, env: cleanEnv() })
      expect([done.status, done.stdout]).toEqual([0, 'closed'])
    },
  )

  test('--console leaves a process behind that holds nothing of the caller', async () => {
    const [socket, end] = [world.path('console'), world.path('end')]
    const script = sender(`os.close(3)
if os.fork() == 0:
    os.close(master)
    while not os.path.exists(sys.argv[2]): select.select([], [], [], 0.02)
    os.write(slave, b'x' * 100000)
    os.unlink(sys.argv[2])
    os._exit(0)
send(master)
`)
    const ns = [monitorPath, 'ns', ...nsOptions(world.usernsWords), '--console', socket, '--']
    const [command = '', ...rest] = as(user, [...ns, '/usr/bin/python3', script, socket, end])
    const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'pipe', 'pipe'], cwd: '/', env: cleanEnv() })
    // Of the streams, and of one more descriptor that the command inherits.
    const ends = [1, 2, 3].map(
      (fd) => new Promise((resolve) => (child.stdio[fd] as Readable).resume().on('end', resolve)),
    )
    await Promise.all(ends)
    expect(await new Promise((resolve) => void child.on('close', resolve))).toBe(0)
    world.write(end, '')
    await waitFor('everything to be read', () => !existsSync(end))
  })

  test('--console keeps a terminal that is sent to it, and reads it, until its last user has ended', async () => {
    const [socket, done] = [world.path('console'), world.path('done')]
    const script = sender(`if os.fork() == 0:
    os.close(master)
    os.write(slave, b'x' * 100000)
    open(sys.argv[2], 'w').close()
    os._exit(0)
send(master)
`)
    const ns = [monitorPath, 'ns', ...nsOptions(world.usernsWords), '--console', socket]
    expect(runAs(user, [...ns, '--', '/usr/bin/python3', script, socket, done])).toMatchObject({ code: 0, stderr: '' })
    await waitFor('everything to be read', () => existsSync(done))
    expect(existsSync(socket)).toBe(false)
    rmSync(done)
    expect(runAs(user, [...ns, '--', 'sh', '-c', 'exit 9']).code).toBe(9)
    expect(runAs(user, [...ns, '--', 'no-such-command']).code).toBe(127)
    expect(existsSync(socket)).toBe(false)
  })
})
