// From the words of `run` and `create` to what was said.

import { expect, test } from 'vitest'
import { runFlags } from '../../../src/cli/create-flags.js'
import { type FlagDefinitions, parseWords } from '../../../src/cli/flag-values.js'
import { toRunRequest } from '../../../src/cli/run-request.js'
import { baseRequest } from '../../support/plans.js'

async function run(...words: string[]) {
  const { flags, positionals } = await parseWords(words, runFlags as unknown as FlagDefinitions, false)
  return toRunRequest(flags as never, positionals)
}

const NOTHING_SAID = {
  ...baseRequest,
  ...{ image: 'box', command: [], attach: [], removeImage: false, detach: false, detachKeys: [16, 17], sigProxy: true },
  ...{ attach: [], httpProxy: true, preserveFds: 0, singleFds: [], removeImage: false },
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
    ...['--pull', 'always', '--tls-verify=false', '--retry', '2', '--platform', 'linux/arm64'],
    ...['--mount', 'type=image,src=i,dst=/i', '--volumes-from', 'c:ro', '--image-volume', 'tmpfs'],
    ...['--device', '/dev/x', '--gpus', 'all', '--device-cgroup-rule', 'c 1:* rwm', '--secret', 's'],
    ...['--shm-size', '1k', '--shm-size-systemd', '2k', '--read-only-tmpfs=false'],
    ...['--detach-keys', 'a', '--sig-proxy=false', 'box'],
  ]
  expect(await run(...words)).toStrictEqual({
    ...NOTHING_SAID,
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
    mounts: [
      { kind: 'bind', hostPath: '/a', containerPath: '/b', options: [] },
      { kind: 'image', image: 'i', containerPath: '/i', isWritable: false },
    ],
    tmpfs: [{ kind: 'tmpfs', containerPath: '/t', options: [] }],
    ...{ volumesFrom: [{ container: 'c', access: 'ro' }], imageVolumes: 'tmpfs', readOnlyTmpfs: false },
    devices: [
      { kind: 'path', hostPath: '/dev/x' },
      { kind: 'cdi', name: 'nvidia.com/gpu=all' },
    ],
    deviceRules: [{ type: 'c', major: 1, access: 'rwm' }],
    secrets: [{ secret: 's', type: 'mount', uid: 0, gid: 0, mode: 0o444 }],
    shmSizeBytes: 1024,
    shmSizeSystemdBytes: 2048,
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
