// Images made of containers, as both engines must make them. (SUBJECT=podman: proven there.)

import { existsSync, readFileSync, watch } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, rootTest, test } from '../support/container-test.js'
import { isFuseOpen, isLichen, isRoot } from '../support/facts.js'
import type { Lichen } from '../support/lichen.js'
import { waitFor } from '../support/wait-for.js'

const FILL = [
  'echo one >/file; ln /file /link; ln -s file /soft; mkfifo /fifo; mkdir -p /dir/below; echo two >"/dir/below/a b"',
  'chown 5:6 /dir; chmod 4755 /file; chmod 1777 /dir; touch -d "2001-02-03 04:05:06" /dir/below/*',
  'rm /etc/group; rm -rf /var /home; mkdir /var; echo v >/var/new; chown 7:8 /usr; chmod 700 /bin; echo x >/volume/x',
].join('; ')
const OWN = 'bin dir etc/group etc/passwd file fifo home link root soft usr var volume'
const SHOW = `cd /; find ${OWN} 2>&1 ! -name busybox | sort | grep -v ^bin/ | xargs -d "\\n" stat -c "%n %F %a %u:%g" 2>&1; cat file dir/*/*; stat -c "%h" link; stat -c %Y dir/*/*`

interface Inspected {
  readonly RootFS: { readonly Layers: readonly string[] }
  readonly History: readonly object[]
  readonly Config: object
  readonly Author: string
}

async function inspectImage(lichen: Lichen, name: string): Promise<Inspected> {
  return (JSON.parse(await lichen.ok('image', 'inspect', name)) as [Inspected])[0]
}
const show = (lichen: Lichen, image: string) => lichen.ok('run', '--rm', '--network', 'none', image, 'sh', '-c', SHOW)

/** What the container saw when it ended, an image shows; whether its layers were kept or made one. */
async function checkCommit(lichen: Lichen, ...flags: string[]): Promise<void> {
  const engine = [...flags, 'run', '--name', 'c', '--network', 'none', '-v', 'data:/volume', 'box', 'sh', '-c']
  const saw = await lichen.ok(...engine, `${FILL}; ${SHOW.replaceAll(' volume', '')}`)
  const [id, squashed] = [await lichen.ok('commit', '-q', 'c', 'new:1'), await lichen.ok('commit', '-qs', 'c', 'flat')]
  expect([id, squashed]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), expect.stringMatching(/^[0-9a-f]{64}$/)])
  for (const image of ['new:1', 'flat']) {
    expect((await show(lichen, image)).replace(/^volume .*\n/m, '')).toBe(saw)
    expect(await lichen.ok('run', '--rm', image, 'ls', '/volume')).toBe('')
  }
  const base = await inspectImage(lichen, 'box')
  const { RootFS } = await inspectImage(lichen, 'new:1')
  expect(RootFS).toMatchObject({ Layers: [...base.RootFS.Layers, expect.anything()] })
  expect((await inspectImage(lichen, 'flat')).RootFS).toMatchObject({ Layers: [expect.anything()] })
}

test('commit makes an image of what the container saw, without what was mounted into it', async ({ lichen }) => {
  await checkCommit(lichen)
})

for (const driver of isFuseOpen ? (['copy', 'fuse-overlayfs'] as const) : (['copy'] as const))
  lichenTest(`commit makes the same image with ${driver}`, async ({ lichen }) => {
    await checkCommit(lichen, '--storage-driver', driver)
  })

lichenTest('commit of a container with ids of its own has the owners that it saw', async ({ lichen }) => {
  const own = isRoot ? ['--uidmap', '0:1000:5000', '--gidmap', '0:2000:5000'] : ['--userns', 'keep-id', '--user', '0']
  const script = 'touch /root/file /tmp/file; chown 5:6 /tmp/file'
  await lichen.ok('run', '--name', 'c', ...own, 'box', 'sh', '-c', script)
  await lichen.ok('commit', '-q', 'c', 'new')
  await lichen.ok('commit', '-qs', 'c', 'flat')
  const ids = ['stat', '-c', '%u:%g', '/root/file', '/tmp/file', '/bin', '/home/guest']
  for (const image of ['new', 'flat'])
    expect(await lichen.ok('run', '--rm', '--user', '0', image, ...ids)).toBe('0:0\n5:6\n0:0\n1000:1000')
})

test('commit hands the container’s settings on, and changes them as it is told', async ({ lichen }) => {
  const settings = ['-u', '5:6', '-w', '/tmp', '-e', 'A=b', '-l', 'own=1', '--entrypoint', '["sh","-c"]', '-v', '/anon']
  await lichen.ok(
    'create',
    '--name',
    'c',
    ...settings,
    '-v',
    'named:/named',
    '--stop-signal',
    'USR1',
    'box',
    'true; id -u',
  )
  await lichen.ok('commit', '-q', 'c', 'plain')
  expect((await inspectImage(lichen, 'plain')).Config).toEqual({
    User: '5:6',
    Env: expect.arrayContaining(['A=b', expect.stringMatching(/^PATH=/)]),
    Entrypoint: ['sh', '-c'],
    Cmd: ['true; id -u'],
    WorkingDir: '/tmp',
    Labels: { own: '1' },
    Volumes: { '/anon': {} },
  })
  expect(await lichen.ok('run', '--rm', 'plain')).toBe('5')
  const changes = ['CMD ["x","y"]', 'ENV A=c', 'ENTRYPOINT []', 'EXPOSE 80', 'LABEL more=2', 'USER u', 'VOLUME /v']
  const flags = [...changes, 'WORKDIR /w', 'STOPSIGNAL 9'].flatMap((change) => ['-c', change])
  await lichen.ok('commit', '-q', '--include-volumes', '--author', 'An Author', ...flags, 'c', 'changed')
  const changed = await inspectImage(lichen, 'changed')
  expect(changed.Author).toBe('An Author')
  expect(changed.Config).toEqual({
    User: 'u',
    Env: expect.arrayContaining(['A=c']),
    Cmd: ['x', 'y'],
    WorkingDir: '/w',
    StopSignal: isLichen ? '9' : expect.anything(),
    ExposedPorts: { '80/tcp': {} },
    Labels: { own: '1', more: '2' },
    Volumes: { '/anon': {}, '/named': {}, '/v': {} },
  })
})

test('commit adds to the history of the image, in either format, and tells the ID', async ({ lichen }) => {
  const idFile = join(lichen.directory, 'id')
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  const id = await lichen.ok('commit', '-q', '--format', 'docker', '-m', 'why', '--iidfile', idFile, 'c', 'docker')
  expect(readFileSync(idFile, 'utf8')).toBe(id)
  const docker = await inspectImage(lichen, 'docker')
  expect(docker).toMatchObject({ Id: id, Comment: 'why', ManifestType: expect.stringContaining('docker') })
  const dangling = await lichen.ok('commit', '-q', 'c')
  const oci = await inspectImage(lichen, dangling)
  expect(oci).toMatchObject({ RepoTags: [], ManifestType: expect.stringContaining('oci') })
  const { History } = await inspectImage(lichen, 'box')
  expect(oci.History).toEqual([
    ...History,
    { created: expect.anything(), created_by: '/bin/sh', comment: 'FROM localhost/box:latest' },
  ])
})

test('commit takes a container that runs as it is, and it runs on', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '100')
  await lichen.ok('exec', 'c', 'touch', '/tmp/now')
  await lichen.ok('commit', '-q', 'c', 'new')
  expect(await lichen.ok('exec', 'c', 'echo', 'alive')).toBe('alive')
  expect(await lichen.ok('run', '--rm', 'new', 'ls', '/tmp')).toBe('now')
  await lichen.ok('rm', '-f', '-t', '0', 'c')
})

test('an image committed twice over keeps what each container changed', async ({ lichen }) => {
  const run = (name: string, image: string, script: string) =>
    lichen.ok('run', '--name', name, '--network', 'none', image, 'sh', '-c', script)
  await run('one', 'box', 'mkdir /d; touch /d/a /d/b /top')
  await lichen.ok('commit', '-q', 'one', 'first')
  await run('two', 'first', 'rm /d/a /top; rm -rf /home; mkdir /home; touch /home/new')
  await lichen.ok('commit', '-q', 'two', 'second')
  await run('three', 'second', 'touch /top; rm -rf /d')
  await lichen.ok('commit', '-q', 'three', 'third')
  const list = 'ls -d /d /d/* /top /home/* 2>/dev/null'
  expect(await run('four', 'second', `${list} || true`)).toBe('/d\n/d/b\n/home/new')
  expect(await run('five', 'third', `${list} || true`)).toBe('/home/new\n/top')
})

test.for([
  ['nothing', ['commit']],
  ['a stranger', ['commit', 'stranger', 'new']],
  ['an image', ['commit', 'box', 'new']],
  ['a bad name', ['commit', 'c', 'UPPER']],
  ['another format', ['commit', '-f', 'tar', 'c', 'new']],
  ['an unknown change', ['commit', '-c', 'FROM x', 'c', 'new']],
  ['a change without a value', ['commit', '-c', 'ENV', 'c', 'new']],
  ['three words', ['commit', 'c', 'new', 'more']],
] as const)('commit fails with 125 and makes no image when it is given %s', async ([, words], { lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  expect(await lichen(...words)).toMatchObject({ code: 125, stdout: '' })
  expect(await lichen.ok('images', '-aq')).not.toContain('\n')
})

lichenTest(
  'commit makes nothing where the ID could not be written, or of a directory of the user’s own',
  async ({ lichen }) => {
    await lichen.ok('create', '--name', 'c', 'box', 'true')
    await lichen.ok('create', '--name', 'own', '--rootfs', lichen.directory, 'true')
    expect(await lichen('commit', '--iidfile', '/not/there', 'c', 'new')).toMatchObject({ code: 125 })
    const refused = await lichen('commit', 'own', 'new')
    expect(refused).toMatchObject({ code: 125, stderr: expect.stringContaining('made with --rootfs') })
    expect(await lichen.ok('images', '-aq')).not.toContain('\n')
  },
)

lichenTest('commit leaves out what the engine itself says in the environment', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', '-t', 'box', 'true')
  await lichen.ok('commit', 'c', 'new')
  expect(JSON.stringify((await inspectImage(lichen, 'new')).Config)).not.toContain('container=')
})

rootTest.skipIf(!isLichen)(
  'a paused container stays paused, and one that commit paused goes on',
  async ({ lichen }) => {
    await lichen.ok('run', '-d', '--name', 'c', 'box', 'sleep', '100')
    await lichen.ok('commit', '--pause', 'c')
    expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('running')
    await lichen.ok('pause', 'c')
    await lichen.ok('commit', 'c')
    expect(await lichen.ok('inspect', '--format', '{{.State.Status}}', 'c')).toBe('paused')
    await lichen.ok('rm', '-f', '-t', '0', 'c')
  },
)

rootTest.skipIf(!isLichen)(
  'commit --no-pause lets the container go on, and without it stands still meanwhile',
  async ({ lichen }) => {
    await lichen.ok('run', '-d', '--name', 'c', '--stop-timeout', '0', 'box', 'sleep', '100')
    const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'c')
    let writes = 0
    const freezer = watch(freezerFile(readFileSync(`/proc/${pid}/cgroup`, 'utf8')), () => writes++)
    try {
      await lichen.ok('commit', '--no-pause', 'c')
      await lichen.ok('exec', 'c', 'true') // whatever was noticed by then has been told
      expect(writes).toBe(0)
      await lichen.ok('commit', 'c')
      await waitFor('a write to the freezer', () => Promise.resolve(writes > 0))
    } finally {
      freezer.close()
    }
  },
)

/** What is written to freeze a container of root's, of a /proc/PID/cgroup: of version 2 where that is mounted. */
function freezerFile(groups: string): string {
  const [, own = ''] = /^0::(\/.+)$/m.exec(groups) ?? []
  const file = ['/sys/fs/cgroup/unified', '/sys/fs/cgroup']
    .map((root) => `${root}${own}/cgroup.freeze`)
    .find(existsSync)
  return file ?? `/sys/fs/cgroup/freezer${/^\d+:freezer:(.*)$/m.exec(groups)?.[1] ?? ''}/freezer.state`
}
