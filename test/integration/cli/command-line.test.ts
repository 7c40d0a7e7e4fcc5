// The built program's face: help, errors, exit codes and streams, none of which needs a container.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { repository } from '../../support/facts.js'
import { openLichen } from '../../support/lichen.js'
import { runProcess } from '../../support/process.js'

const directory = mkdtempSync(join(tmpdir(), 'lichen-cli-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))
const lichen = openLichen(directory)
const program = join(repository, 'bin/lichen.cjs')

describe('usage errors go to standard error with exit code 125', () => {
  test.each([
    [['bogus'], 'Error: unrecognized command `lichen bogus`\nHint: did you mean `lichen logs`?\n'],
    [['ps', '--bogus'], "Error: unknown flag: --bogus\nSee 'lichen ps --help'\n"],
    [['image', 'ls', '--bogus'], "Error: unknown flag: --bogus\nSee 'lichen image ls --help'\n"],
    [['run'], "Error: `lichen run` needs at least 1 argument, not 0\nSee 'lichen run --help'\n"],
    [['attach', 'a', 'b'], "Error: `lichen attach` needs at most 1 container, not 2\nSee 'lichen attach --help'\n"],
    [['ps', 'x'], "Error: `lichen ps` takes no arguments\nSee 'lichen ps --help'\n"],
    [['rm'], "Error: you must provide at least one name or id\nSee 'lichen rm --help'\n"],
    [['stop', '-a', 'x'], "Error: no arguments are needed with --all\nSee 'lichen stop --help'\n"],
    [['rmi', '-a', 'x'], "Error: when using --all, no image may be named\nSee 'lichen rmi --help'\n"],
    [['--storage-driver', 'vfs', 'ps'], 'Error: invalid argument "vfs" for "--storage-driver" flag'],
    [['ps', '--format', '{{.Nope}', '-a'], 'Error: template: ps:1: unexpected "}" in command\n'],
    [['completion', 'tcsh'], 'Error: no completion for "tcsh": there is one for bash, zsh, fish\n'],
  ])('%j', async (words, stderr) => {
    const result = await lichen(...words)
    expect(result).toMatchObject({ code: 125, stdout: '' })
    expect(result.stderr).toContain(stderr)
  })
})

test('lichen alone, and a topic alone, show their help and fail', async () => {
  const bare = await lichen()
  expect(bare).toMatchObject({ code: 125, stdout: '' })
  expect(bare.stderr).toMatch(/^Run containers .*Error: missing command: lichen COMMAND\n/s)
  const topic = await lichen('image')
  expect(topic.stderr).toMatch(/^Manage images\n.*Error: missing command: lichen image COMMAND\n/s)
  expect(topic.code).toBe(125)
})

test.each([
  [['--help'], /^Run containers without root/],
  [['help'], /^Run containers without root/],
  [['image', '--help'], /^Manage images\n/],
  [['help', 'image', 'ls'], /^List images\n.*lichen image ls \[options\]/s],
  [['run', '--help'], /^Run a command in a new container\n/],
  [['ps', '-h'], /^List containers\n/],
  [['--root', '/x', 'ps', '--help'], /^List containers\n/],
])('%j shows help on standard output', async (words, text) => {
  const result = await runProcess([process.execPath, program, ...words])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  expect(result.stdout).toMatch(text)
})

test('run -h takes a host name, as in podman', async () => {
  expect((await lichen('run', '-h')).stderr).toContain("flag needs an argument: 'h' in -h")
})

test('a global flag is understood after the command, too', async () => {
  const { stderr, code } = await runProcess([
    process.execPath,
    program,
    'rm',
    '--root',
    join(directory, 'other'),
    'nobody',
  ])
  expect(stderr).toMatch(/^Error: .*nobody/)
  expect(code).toBe(1)
})

test('--log-level=debug shows where an error comes from', async () => {
  expect((await lichen('--log-level', 'debug', 'rm', 'nobody')).stderr).toMatch(/NotFoundError: .*\n {4}at /)
  expect((await lichen('rm', 'nobody')).stderr).not.toContain('    at ')
})

test('output nobody reads is no error', async () => {
  const { code, stdout, stderr } = await runProcess(
    ['bash', '-c', '"$0" "$1" completion fish | head -n 1; echo "${PIPESTATUS[0]}"', process.execPath, program],
    {},
  )
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  expect(stdout).toMatch(/^# fish completion for lichen.*\n0\n$/)
})

test('a slow reader gets everything', async () => {
  const script = '"$0" "$1" completion fish | { sleep 0.3; wc -c; }; "$0" "$1" completion fish > "$2"; wc -c < "$2"'
  const { stdout } = await runProcess(['bash', '-c', script, process.execPath, program, join(directory, 'fish')])
  const [piped, filed] = stdout.trim().split('\n')
  expect(piped).toBe(filed)
  expect(Number(piped)).toBeGreaterThan(65_536)
})
