// The files an image shows are exactly what its layers say: compared with what podman shows of the same archive, file by file
// (owner, mode, time, hard links, xattrs, content), and for a whole Debian with what its tar holds.

import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import { findProgram, isRoot, repository } from '../support/facts.js'
import { hasImage, imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'
import { mustRun } from '../support/process.js'

type Entry = Readonly<Record<string, unknown>> & { readonly name: string }

const LISTER = ['python3', join(repository, 'test/support/list-tree.py')]
const hasPodman = findProgram('podman') !== undefined

for (const archive of ['layered.oci.tar', 'layered.docker.tar', 'saved.oci.tar', 'saved.docker.tar'] as const) {
  lichenTest.skipIf(!hasPodman || !hasImage(archive))(
    `a container shows the same files as podman when ${archive} is loaded`,
    async ({ bare }) => {
      const name = `localhost/${archive.split('.')[0]}:latest`
      const [ours, theirs] = [
        await listOurs(bare, imagePath(archive), name),
        await listTheirs(bare, imagePath(archive), name),
      ]
      expect(ours.map((entry) => entry.name)).toEqual(theirs.map((entry) => entry.name))
      expect(ours).toEqual(theirs)
      expect(ours.length).toBeGreaterThan(20)
    },
  )
}

lichenTest.skipIf(!hasImage('layered.oci.tar'))(
  'a container shows what whiteouts and opaque directories leave when layers are stacked',
  async ({ bare }) => {
    const entries = await listOurs(bare, imagePath('layered.oci.tar'), 'localhost/layered:latest')
    const names = entries.map((entry) => entry.name)
    for (const gone of ['gone', 'removed', 'hard', 'opaque/hidden', 'opaque/hidden-directory'])
      expect(names).not.toContain(gone)
    for (const there of ['back', 'opaque/shown', 'opaque/third', 'file-to-directory/inside'])
      expect(names).toContain(there)
    expect(names.filter((name) => name.includes('.wh.'))).toEqual([])
    const find = (name: string): Entry | undefined => entries.find((entry) => entry.name === name)
    expect(find('setuid')).toMatchObject({ mode: '0o4755', owner: [0, 0] })
    expect(find('keep')).toMatchObject({ mode: '0o640', owner: [1000, 2000], mtime: 1_700_000_000 })
    expect(find('back')).toMatchObject({ owner: [11, 12] })
    expect(find('kept-by-both')).toMatchObject({ kind: 'directory', mode: '0o700', owner: [20, 21] })
    expect(find('capable')?.xattrs).toHaveProperty('security.capability', '0100000200200000000000000000000000000000')
    expect(find('noted')?.xattrs).toEqual({ 'user.note': '6772c3bcc39f65', 'user.binary': '0102fffe' })
  },
)

lichenTest.skipIf(!hasImage('debian.tar.gz'))(
  'a Debian works as one when it is imported from its tar.gz',
  async ({ bare }) => {
    await bare.ok('import', imagePath('debian.tar.gz'), 'debian')
    const run = (...words: string[]): Promise<string> => bare.ok('run', '--rm', 'debian', ...words)
    expect(await run('apt-get', '--version')).toMatch(/^apt \d/)
    expect(await run('su', '-s', '/bin/sh', 'nobody', '-c', 'id')).toBe(
      'uid=65534(nobody) gid=65534(nogroup) groups=65534(nogroup)',
    )
    expect(await run('stat', '-c', '%a %U %G', '/usr/bin/passwd', '/usr/bin/chage')).toBe(
      '4755 root root\n2755 root shadow',
    )
    expect(await run('getcap', '/usr/bin/true')).toBe('/usr/bin/true cap_net_raw=ep')
    expect(await run('sh', '-c', 'find / -xdev -not -path "/proc/*" | wc -l').then(Number)).toBeGreaterThan(6000)
  },
)

/** The image's /data as a running container shows it, seen from the host inside the engine's user namespace. */
async function listOurs(lichen: Lichen, archive: string, name: string): Promise<Entry[]> {
  await lichen.ok('load', '-i', archive)
  await lichen.ok('run', '-d', '--name', 'shown', '--entrypoint', 'sleep', name, '60')
  const pid = await lichen.ok('inspect', '--format', '{{.State.Pid}}', 'shown')
  return parse(await lichen.ok('unshare', ...LISTER, `/proc/${pid}/root/data`))
}

async function listTheirs(lichen: Lichen, archive: string, name: string): Promise<Entry[]> {
  const podman = [
    'podman',
    '--root',
    join(lichen.directory, 'podman'),
    '--runroot',
    join(lichen.directory, 'podman-run'),
  ]
  const inside = isRoot ? [] : ['podman', 'unshare']
  await mustRun([...podman, 'load', '-q', '-i', archive])
  const script = `set -e; tree=$(${podman.join(' ')} image mount ${name}); ${LISTER.join(' ')} "$tree/data"; ${podman.join(' ')} image umount ${name} >&2`
  try {
    return parse(await mustRun([...inside, 'sh', '-c', script]))
  } finally {
    await mustRun([...inside, 'rm', '-rf', join(lichen.directory, 'podman'), join(lichen.directory, 'podman-run')])
  }
}

function parse(lines: string): Entry[] {
  return lines.split('\n').map((line) => JSON.parse(line) as Entry)
}
