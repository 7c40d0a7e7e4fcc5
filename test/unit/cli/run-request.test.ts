// From the words of `run`, `create` and `exec` to what was said.

import { expect, test } from 'vitest'
import { execFlags, runFlags } from '../../../src/cli/create-flags.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'
import { toExecRequest, toRunRequest } from '../../../src/cli/run-request.js'

async function run(...words: string[]) {
  const { flags, positionals } = await parseWords(words, runFlags as unknown as FlagDefinitions, false)
  return toRunRequest(flags as never, positionals)
}

const NOTHING_SAID = {
  ...{ image: 'box', command: [], replace: false, remove: false, interactive: false, tty: false, env: [], volumes: [] },
  ...{ tmpfs: [], readOnly: false, init: false, privileged: false, capAdd: [], capDrop: [], security: {}, ulimits: [] },
  ...{ pull: { policy: 'missing', registry: {} }, labels: {}, detach: false, detachKeys: [16, 17], sigProxy: true },
}

test('toRunRequest leaves out what was not said', async () => {
  expect(await run('box')).toStrictEqual(NOTHING_SAID)
})

test('toRunRequest keeps the command after the image untouched', async () => {
  expect(await run('--rm', 'box', 'sh', '-c', '--', '--rm=false')).toStrictEqual({
    ...NOTHING_SAID,
    remove: true,
    command: ['sh', '-c', '--', '--rm=false'],
  })
})

test('toRunRequest carries every flag over', async () => {
  const words = [
    ...[
      '-dit',
      '--rm',
      '--replace',
      '--init',
      '--privileged',
      '--read-only',
      '--name',
      'n',
      '--hostname',
      'h',
      '-u',
      '1:2',
    ],
    ...[
      '-w',
      '/w',
      '-e',
      'A=1',
      '-e',
      'B',
      '-v',
      '/a:/b',
      '--tmpfs',
      '/t',
      '--entrypoint',
      '["x","y"]',
      '--cap-add',
      'chown,kill',
    ],
    ...['--cap-drop', 'all', '--security-opt', 'no-new-privileges', '--network', 'none', '--userns', 'keep-id'],
    ...[
      '--stop-signal',
      'int',
      '--stop-timeout',
      '3',
      '--cidfile',
      '/c',
      '--ulimit',
      'core=0,nofile=1:2',
      '-l',
      'a=b',
      '-l',
      'c',
    ],
    ...['--pull', '--tls-verify=false', '--retry', '2', '--platform', 'linux/arm64'],
    ...['--detach-keys', 'a', '--sig-proxy=false', 'box'],
  ]
  expect(await run(...words)).toStrictEqual({
    ...{
      image: 'box',
      pull: {
        policy: 'always',
        registry: { tlsVerify: false, retries: 2 },
        platform: { os: 'linux', architecture: 'arm64' },
      },
      command: [],
      replace: true,
      remove: true,
      interactive: true,
      tty: true,
      readOnly: true,
      init: true,
    },
    ...{
      privileged: true,
      name: 'n',
      hostname: 'h',
      user: '1:2',
      workdir: '/w',
      entrypoint: ['x', 'y'],
      cidfile: '/c',
    },
    env: [
      { kind: 'set', name: 'A', value: '1' },
      { kind: 'host', name: 'B' },
    ],
    volumes: [{ kind: 'bind', hostPath: '/a', containerPath: '/b', options: [] }],
    tmpfs: [{ containerPath: '/t', options: [] }],
    ...{ capAdd: ['CAP_CHOWN', 'CAP_KILL'], capDrop: ['ALL'], security: { noNewPrivileges: true } },
    ...{ network: { mode: 'none' }, userns: { mode: 'keep-id' }, stopSignal: 'SIGINT', stopTimeoutS: 3 },
    ulimits: [
      { name: 'core', soft: 0, hard: 0 },
      { name: 'nofile', soft: 1, hard: 2 },
    ],
    ...{ labels: { a: 'b', c: '' }, detach: true, detachKeys: [97], sigProxy: false },
  })
})

test('toRunRequest keeps an empty entrypoint apart from none', async () => {
  expect(await run('--entrypoint', '', 'box')).toHaveProperty('entrypoint', [])
  expect(await run('box')).not.toHaveProperty('entrypoint')
})

test('a label named __proto__ is a label', async () => {
  expect(Object.keys((await run('-l', '__proto__=x', 'box')).labels)).toEqual(['__proto__'])
})

test('toExecRequest parts the container from the command', async () => {
  const { flags, positionals } = await parseWords(
    ['-it', '-w', '/', 'c', 'ls', '-l'],
    execFlags as unknown as FlagDefinitions,
    false,
  )
  expect(toExecRequest(flags as never, positionals)).toStrictEqual({
    ...{
      container: 'c',
      command: ['ls', '-l'],
      interactive: true,
      tty: true,
      detach: false,
      env: [],
      privileged: false,
    },
    workdir: '/',
  })
})
