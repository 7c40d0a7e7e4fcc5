// Images that came as files: import, load, list, inspect, remove.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { hasImage, imagePath } from '../support/images.js'
import { serve } from '../support/web-server.js'

const LAYERED = 'localhost/layered:latest'

test('import makes an image that runs when the archive comes on standard input', async ({ bare }) => {
  const input = readFileSync(imagePath('box.tar'))
  const result = await bare.with({ input }, 'import', '-', 'piped')
  expect(result.code).toBe(0)
  expect(await bare.ok('run', '--rm', 'piped', 'echo', 'runs')).toBe('runs')
})

test('import fetches the archive when it is at a web address', async ({ bare }) => {
  const { host } = await serve((_, response) => void response.end(readFileSync(imagePath('box.tar'))))
  await bare.ok('import', `http://${host}/box.tar`, 'fetched')
  expect(await bare.ok('run', '--rm', 'fetched', 'echo', 'runs')).toBe('runs')
})

test('import takes a compressed archive when it is gzip', async ({ bare }) => {
  const archive = join(bare.directory, 'box.tar.gz')
  writeFileSync(archive, gzipSync(readFileSync(imagePath('box.tar'))))
  await bare.ok('import', archive, 'zipped')
  expect(await bare.ok('run', '--rm', 'zipped', 'echo', 'runs')).toBe('runs')
})

test("import sets the image's configuration when --change says it", async ({ bare }) => {
  const changes = [
    'CMD ["sh","-c","echo $WORD; pwd; id -un"]',
    'ENV WORD=hello',
    'WORKDIR /tmp',
    'USER guest',
    'LABEL a=b',
  ]
  await bare.ok('import', ...changes.flatMap((change) => ['--change', change]), imagePath('box.tar'), 'set')
  expect(await bare.ok('run', '--rm', 'set')).toBe('hello\n/tmp\nguest')
  expect(await bare.ok('image', 'inspect', '--format', '{{index .Config.Labels "a"}}', 'set')).toBe('b')
})

test('import fails with 125 and leaves no image when the archive is missing', async ({ bare }) => {
  const result = await bare('import', '/no/such/file.tar', 'missing')
  expect(result.code).toBe(125)
  expect(result.stderr).toContain('/no/such/file.tar')
  expect(await bare.ok('images', '-q')).toBe('')
})

for (const archive of ['layered.oci.tar', 'layered.docker.tar', 'saved.oci.tar', 'saved.docker.tar'] as const) {
  test.skipIf(!hasImage(archive))(
    `load prints the name and the image runs as it says when it reads ${archive}`,
    async ({ bare }) => {
      // podman committed the other one as root.
      const [name, uid] = archive.startsWith('layered') ? [LAYERED, 1000] : ['localhost/saved:latest', 0]
      expect(await bare.ok('load', '-i', imagePath(archive))).toContain(`Loaded image: ${name}`)
      expect(await bare.ok('run', '--rm', '--entrypoint', 'sh', name, '-c', 'id -u; pwd; echo $GREETING')).toBe(
        `${uid}\n/data\nhello`,
      )
    },
  )
}

test.skipIf(!hasImage('layered.docker.tar'))('load reads standard input when no file is said', async ({ bare }) => {
  const result = await bare.with({ input: readFileSync(imagePath('layered.docker.tar')) }, 'load')
  expect(result.stdout).toContain(`Loaded image: ${LAYERED}`)
})

test.skipIf(!hasImage('layered.oci.tar'))(
  "run obeys the image's entrypoint, command and user when nothing is said",
  async ({ bare }) => {
    await bare.ok('load', '-i', imagePath('layered.oci.tar'))
    expect(await bare.ok('run', '--rm', LAYERED)).toContain('uid=1000(guest)')
    expect(await bare.ok('run', '--rm', LAYERED, 'echo', 'other command')).toBe('other command')
  },
)

test.skipIf(!hasImage('layered.oci.tar'))(
  'image inspect prints what the image says when it is loaded',
  async ({ bare }) => {
    await bare.ok('load', '-i', imagePath('layered.oci.tar'))
    const [image] = JSON.parse(await bare.ok('image', 'inspect', LAYERED)) as Record<string, unknown>[]
    expect(image).toMatchObject({
      RepoTags: [LAYERED],
      Os: 'linux',
      Config: { User: 'guest', Entrypoint: ['/bin/busybox'], Cmd: ['id'], WorkingDir: '/data', StopSignal: 'SIGUSR1' },
    })
    expect((image as { RootFS: { Layers: string[] } }).RootFS.Layers).toHaveLength(3)
  },
)

test('images -aq prints the ids of every image when scripts ask for all', async ({ lichen }) => {
  expect(await lichen.ok('images', '-aq')).toBe(await lichen.ok('images', '--quiet'))
  expect(await lichen.ok('images', '-aq')).toMatch(/^[0-9a-f]{12}$/)
})

test('images lists the image when it is imported', async ({ lichen }) => {
  const [header = '', row = ''] = (await lichen.ok('images')).split('\n')
  expect(header.split(/\s{2,}/).map((word) => word.trim())).toEqual([
    'REPOSITORY',
    'TAG',
    'IMAGE ID',
    'CREATED',
    'SIZE',
  ])
  expect(row).toMatch(/^localhost\/box +latest +[0-9a-f]{12} +.* ago +[\d.]+ MB$/)
  expect(await lichen.ok('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe('localhost/box:latest')
})

test('rmi removes the image when nothing uses it', async ({ lichen }) => {
  expect(await lichen.ok('rmi', 'box')).toContain('localhost/box:latest')
  expect(await lichen.ok('images', '-q')).toBe('')
  expect((await lichen('run', '--rm', 'localhost/box', 'true')).code).toBe(125)
})

test('rmi refuses with 2 and names the container when one uses the image', async ({ lichen }) => {
  const id = await lichen.ok('create', 'box', 'true')
  const result = await lichen('rmi', 'box')
  expect(result.code).toBe(2)
  expect(result.stderr).toContain(id.slice(0, 12))
  expect(await lichen.ok('images', '-q')).not.toBe('')
})

test('rmi fails with 1 and names the image when there is none', async ({ lichen }) => {
  const result = await lichen('rmi', 'localhost/stranger')
  expect(result.code).toBe(1)
  expect(result.stderr).toContain('stranger')
})

test('image exists tells by its exit code when an image is asked for', async ({ lichen }) => {
  expect((await lichen('image', 'exists', 'box')).code).toBe(0)
  expect((await lichen('image', 'exists', 'stranger')).code).toBe(1)
})

lichenTest('load fails with one clear line and keeps nothing when the archive is cut short', async ({ bare }) => {
  const whole = readFileSync(imagePath('layered.docker.tar'))
  const archive = join(bare.directory, 'cut.tar')
  for (const share of [0, 0.001, 0.3, 0.6, 0.99]) {
    writeFileSync(archive, whole.subarray(0, Math.floor(whole.length * share)))
    const result = await bare('load', '-i', archive)
    expect(result.code, `${share}`).toBe(125)
    expect(result.stderr).toMatch(/^Error: [^\n]+\n(Hint: [^\n]+\n)?$/)
  }
  expect(await bare.ok('images', '-q')).toBe('')
})
