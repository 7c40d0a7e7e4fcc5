// `import`: a tar becomes an image, in one pass, from a file, an address or standard input.

import { execFileSync } from 'node:child_process'
import { readFileSync, utimesSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'vitest'
import { inspectImage } from '../../../src/engine/image-inspect.js'
import { importImage } from '../../../src/engine/import.js'
import { blobPath } from '../../../src/images/blobs.js'
import { findImage, layerSources, listStoredImages } from '../../../src/images/image-store.js'
import { BadInputError, HostError, NotFoundError, UsageError } from '../../../src/model/errors.js'
import type { Digest } from '../../../src/model/image.js'
import { layerMapping, readLayers } from '../../../src/storage/layers.js'
import { tar } from '../../monitor/tar-writer.js'
import { findProgram } from '../../support/facts.js'
import { layer, sha256 } from '../../support/image-archive.js'
import { hasImage, imagePath } from '../../support/images.js'
import { mustRun } from '../../support/process.js'
import { rootTest, type StoreBench, storeFiles, test } from '../../support/store-test.js'

const rootfs = layer({ 'etc/one': 'first\n' })
const zipped = gzipSync(rootfs)

function readUnpackedFile({ store }: StoreBench, name: string): string {
  const { GraphDriver } = inspectImage(store, name) as { GraphDriver: { Data: { UpperDir: string } } }
  return readFileSync(join(GraphDriver.Data.UpperDir, 'etc/one'), 'utf8')
}

for (const [kind, bytes] of [
  ['plain', rootfs],
  ["gzip'ed", zipped],
  ["gzip'ed in several members", Buffer.concat([gzipSync(rootfs.subarray(0, 700)), gzipSync(rootfs.subarray(700))])],
] as const) {
  test(`import of a ${kind} tar keeps its bytes as the layer's blob and unpacks it`, async ({ bench }) => {
    const { id, names } = await importImage(bench.store, { source: bench.write('a', bytes), name: 'mine' })
    expect(names).toEqual(['localhost/mine:latest'])
    const image = findImage(bench.store.paths, 'mine')
    expect(image.id).toBe(id)
    expect(image.config.rootfs.diff_ids).toEqual([sha256(rootfs)])
    const [source] = layerSources(bench.store.paths, image)
    expect(source?.digest).toBe(sha256(bytes))
    expect(readFileSync(blobPath(bench.store.paths, sha256(bytes) as Digest)).equals(bytes)).toBe(true)
    expect(readUnpackedFile(bench, 'mine')).toBe('first\n')
  })
}

test('import reads to the end what follows the end of the archive: it is part of the digests', async ({ bench }) => {
  const padded = Buffer.concat([rootfs, Buffer.alloc(5_000_000)])
  for (const bytes of [padded, gzipSync(padded)]) {
    await importImage(bench.store, { source: bench.write('a', bytes), name: 'padded' })
    expect(findImage(bench.store.paths, 'padded').config.rootfs.diff_ids).toEqual([sha256(padded)])
  }
})

test('import of the same file twice makes the same image', async ({ bench }) => {
  const source = bench.write('a.tar', rootfs)
  utimesSync(source, 1_700_000_000, 1_700_000_000)
  const first = await importImage(bench.store, { source, name: 'mine:1' })
  const second = await importImage(bench.store, { source, name: 'mine:2' })
  expect(second.id).toBe(first.id)
  expect(findImage(bench.store.paths, 'mine:2')).toMatchObject({
    names: ['localhost/mine:1', 'localhost/mine:2'],
    config: { created: '2023-11-14T22:13:20.000Z' },
  })
})

test('import without a name makes a dangling image', async ({ bench }) => {
  const { id } = await importImage(bench.store, { source: bench.write('a.tar', rootfs) })
  expect(findImage(bench.store.paths, id.slice(0, 8)).names).toEqual([])
})

test('import writes the platform that was said', async ({ bench }) => {
  const platform = { os: 'linux', arch: 'arm', variant: 'v5' }
  await importImage(bench.store, { source: bench.write('a.tar', rootfs), name: 'foreign', ...platform })
  expect(inspectImage(bench.store, 'foreign')).toMatchObject({ Os: 'linux', Architecture: 'arm', Variant: 'v5' })
})

test('import of the Debian root file system keeps every entry', async ({ bench, skip }) => {
  const source = imagePath('debian.tar.gz')
  if (!hasImage('debian.tar.gz')) skip('debian.tar.gz was not prepared')
  const { warnings } = await importImage(bench.store, { source, name: 'debian' })
  const names = execFileSync('tar', ['-tzf', source], { maxBuffer: 1 << 24 })
    .toString()
    .trim()
    .split('\n')
  const { config } = findImage(bench.store.paths, 'debian')
  const [record] = readLayers(bench.store.paths, config.rootfs.diff_ids, layerMapping(bench.store, undefined))
  expect(record?.entries).toBe(names.length)
  expect(warnings.every((warning) => /device nodes? left out/.test(warning))).toBe(true)
})

async function withServer(answer: RequestListener, use: (url: string) => Promise<void>): Promise<void> {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  try {
    await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  } finally {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
}

test('import downloads an address, through redirects and with credentials', async ({ bench }) => {
  const answer: RequestListener = (request, response) => {
    const isAllowed = request.headers.authorization === `Basic ${Buffer.from('user:p@ss').toString('base64')}`
    if (!isAllowed) response.writeHead(401).end()
    else if (request.url === '/moved') response.writeHead(302, { location: '/a.tar.gz' }).end()
    else response.end(zipped)
  }
  await withServer(answer, async (url) => {
    await importImage(bench.store, { source: `${url.replace('://', '://user:p%40ss@')}/moved`, name: 'far' })
  })
  expect(readUnpackedFile(bench, 'far')).toBe('first\n')
  expect(inspectImage(bench.store, 'far')).toMatchObject({ Comment: 'imported from URL' })
})

test('import of an address that breaks off or does not exist says so, without its secrets', async ({ bench }) => {
  const answer: RequestListener = (request, response) => {
    if (!request.url?.startsWith('/broken')) return void response.writeHead(404).end()
    response.writeHead(200, { 'content-length': zipped.length })
    response.write(zipped.subarray(0, 20), () => response.destroy())
  }
  await withServer(answer, async (url) => {
    const secret = url.replace('http://', 'http://user:secret@')
    for (const [path, Kind] of [
      ['/none?token=secret', NotFoundError],
      ['/broken?token=secret', HostError],
    ] as const) {
      const importing = importImage(bench.store, { source: `${secret}${path}` })
      await expect(importing).rejects.toThrow(Kind)
      await expect(importing).rejects.not.toThrow(/secret/)
    }
  })
  expect(storeFiles(bench.store)).toEqual([])
})

test('import of an address nobody listens at says so', async ({ bench }) => {
  const importing = importImage(bench.store, { source: 'http://127.0.0.1:1/a.tar' })
  await expect(importing).rejects.toThrow(/^download: http:\/\/127\.0\.0\.1:1\/a\.tar: .*ECONNREFUSED/)
})

test('import refuses what is no tar, cut off anywhere, and leaves the store as it was', async ({ bench }) => {
  const end = rootfs.length - 1024 // without the two blocks that end a tar there is no end
  const bad = Array.from({ length: end / 128 }, (_, n) => rootfs.subarray(0, n * 128))
  const cut = Array.from({ length: zipped.length / 7 }, (_, n) => zipped.subarray(0, n * 7 + 1))
  for (const bytes of [...bad, ...cut, Buffer.alloc(3000, 'no tar')]) {
    const importing = importImage(bench.store, { source: bench.write('bad', bytes), name: 'bad' })
    await expect(importing).rejects.toThrow(BadInputError)
    await expect(importing).rejects.toThrow(/^import: .+\/bad: /)
  }
  expect(storeFiles(bench.store)).toEqual([])
  expect(listStoredImages(bench.store.paths)).toEqual([])
})

test('import refuses a tar that would write outside the layer', async ({ bench }) => {
  const source = bench.write('bad', tar({ name: '../../escape', data: 'x' }))
  await expect(importImage(bench.store, { source })).rejects.toThrow(/^import: .+escape/)
})

test('import stops at the limit and says how to raise it', async ({ bench }) => {
  const source = bench.write('bomb.tgz', gzipSync(tar({ name: 'zeros', data: Buffer.alloc(5_000_000) })))
  await expect(importImage(bench.store, { source, maxUnpackedBytes: 1_000_000 })).rejects.toThrow(
    expect.objectContaining({
      message: `import: ${source}: it needs more than the 1000000 bytes allowed`,
      hint: expect.stringContaining('--max-unpacked-size'),
    }),
  )
  expect(storeFiles(bench.store)).toEqual([])
})

test('import refuses names that cannot be given and sources that are none', async ({ bench }) => {
  const source = bench.write('a.tar', rootfs)
  await expect(importImage(bench.store, { source, name: 'UPPER' })).rejects.toThrow(UsageError)
  await expect(importImage(bench.store, { source, name: `x@${sha256('')}` })).rejects.toThrow(UsageError)
  await expect(importImage(bench.store, { source: '/no/such/file' })).rejects.toThrow(NotFoundError)
  await expect(importImage(bench.store, { source: bench.directory })).rejects.toThrow(/not a file/)
})

test('import reads standard input', async ({ bench: { lichen } }) => {
  const { stdout, code } = await lichen.with({ input: zipped }, 'import', '-', 'piped')
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}\n$/) })
  expect(await lichen.ok('images', '--format', '{{.Repository}}:{{.Tag}}')).toBe('localhost/piped:latest')
})

/** podman needs a store and a runtime directory of its own. */
function readPodmanImport(source: string, changes: readonly string[], directory: string): Promise<string> {
  const podman = `podman --root ${directory}/pr --runroot ${directory}/prr --storage-driver vfs --cgroup-manager cgroupfs --events-backend none`
  const said = changes.map((change) => `--change '${change}'`).join(' ')
  return mustRun([
    'sh',
    '-ec',
    `${podman} import -q -m why ${said} ${source} localhost/x:1 >/dev/null; ${podman} image inspect x:1; rm -rf ${directory}/pr ${directory}/prr`,
  ])
}

// rootless podman would leave a process behind
rootTest(
  'import makes the image that podman makes of the same words',
  async ({ bench: { lichen, directory }, skip }) => {
    if (findProgram('podman') === undefined) skip('podman is not installed')
    const changes = ['CMD ["sh","-c"]', 'ENTRYPOINT /run', 'ENV A=b', 'ENV=C=d', 'LABEL x=y', 'EXPOSE 80', 'EXPOSE 53/udp', 'VOLUME /data', 'WORKDIR /x', 'USER 3:4'] // biome-ignore format: a list of words
    const source = imagePath('box.tar')
    const [expected] = JSON.parse(await readPodmanImport(source, changes, directory))
    await lichen.ok('import', '--message', 'why', ...changes.flatMap((change) => ['--change', change]), source, 'x:1')
    const [image] = JSON.parse(await lichen.ok('image', 'inspect', 'x:1'))
    for (const key of [
      'RepoTags',
      'Comment',
      'Config',
      'Architecture',
      'Os',
      'RootFS',
      'Labels',
      'User',
      'ManifestType',
      'Parent',
    ])
      expect({ [key]: image[key] }).toEqual({ [key]: expected[key] })
    expect(Date.parse(image.Created)).toBe(Date.parse(expected.Created))
    expect(image.History[0]).toMatchObject({ created_by: expected.History[0].created_by, comment: 'why' })
  },
)
