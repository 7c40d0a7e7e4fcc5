// `system check`: every kind of damage is found and told in one line, and mended without losing anybody's data. The test does the damage
// with its own hands, in the namespace whose ids the files belong to.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest as test } from '../support/container-test.js'
import { isRoot } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'

const check = async (lichen: Lichen, ...flags: string[]) => {
  const { code, stdout, stderr } = await lichen('system', 'check', ...flags)
  expect(stderr).toBe('')
  return { code, lines: stdout.trimEnd().split('\n').slice(0, -1), last: stdout.trimEnd().split('\n').at(-1) }
}

/** Found (with the line told), not mended by looking, mended by a repair, and gone afterwards. */
async function expectMended(lichen: Lichen, found: readonly RegExp[], repair: RegExp, quick = true): Promise<void> {
  for (const flags of quick ? [['--quick'], []] : [[]]) {
    const { code, lines } = await check(lichen, ...flags)
    expect({ flags, code, lines: lines.slice(0, found.length) }).toEqual({
      flags,
      code: 1,
      lines: found.map((line) => expect.stringMatching(line) as string),
    })
  }
  const mended = await check(lichen, '--repair')
  expect(mended).toMatchObject({ code: 0, lines: found.map(() => expect.stringMatching(repair) as string) })
  await expectClean(lichen)
}

async function expectClean(lichen: Lichen): Promise<void> {
  const { code, lines, last } = await check(lichen)
  expect({ code, lines, last }).toEqual({ code: 0, lines: [], last: expect.stringMatching(/^No problems found in/) })
}

const inLayer = (lichen: Lichen, script: string) =>
  lichen.ok('unshare', 'sh', '-ec', `cd "$0"/*/diff; ${script}`, join(lichen.root, 'layers'))
const onlyIn = (lichen: Lichen, dir: string) => readdirSync(join(lichen.root, dir))[0] ?? ''
const layerOf = (lichen: Lichen) => `layer ${onlyIn(lichen, 'layers')}`
const running = (lichen: Lichen) => lichen.ok('run', '--rm', 'box', 'echo', 'well')

test('a fresh store with containers, volumes and keep-id layers has no problems', async ({ lichen }) => {
  await lichen.ok('load', '--input', imagePath('layered.oci.tar'))
  await lichen.ok('run', '--name', 'a', '-v', 'data:/data', '-v', '/anonymous', 'layered', 'true')
  await lichen.ok('run', '-d', '--name', 'b', 'box', 'sleep', '60')
  if (!isRoot) await lichen.ok('create', '--userns', 'keep-id', 'box', 'true')
  const { code, lines, last } = await check(lichen)
  expect({ code, lines }).toEqual({ code: 0, lines: [] })
  expect(last).toMatch(/^No problems found in 2 images, 8 blobs, [45] layers, [23] containers, 2 volumes$/)
})

test('system check finds what was changed in a layer, and unpacks only that layer again', async ({ lichen }) => {
  const script = 'rm etc/group; chmod 700 bin; echo changed >etc/passwd; ln -s x new; chown 5:5 tmp'
  await inLayer(lichen, script)
  const layer = layerOf(lichen)
  const lines = (await check(lichen)).lines.map((line) => line.replace(`${layer}: `, '')).sort()
  expect(lines).toEqual([
    'bin/: its mode is 0700, not 0755',
    'etc/group: missing',
    expect.stringMatching(/^etc\/passwd: it is 8 bytes long, not \d+$/),
    'new: should not be there',
    'tmp/: its owner is 5:5, not 0:0',
  ])
  expect(await check(lichen, '--quick')).toMatchObject({ code: 0, lines: [] })
  const { code, lines: mended } = await check(lichen, '--repair')
  expect({ code, ends: new Set(mended.map((line) => line.replace(/.*: repaired/, 'repaired'))) }).toEqual({
    code: 0,
    ends: new Set(['repaired: unpacked again']),
  })
  await expectClean(lichen)
  expect(await running(lichen)).toBe('well')
})

test('system check finds a flipped byte that keeps size and time', async ({ lichen }) => {
  await inLayer(
    lichen,
    'touch -r bin/busybox "$0/../../time"; printf X | dd of=bin/busybox bs=1 seek=70000 conv=notrunc 2>&1; touch -r "$0/../../time" bin/busybox',
  )
  await expectMended(
    lichen,
    [/^layer [0-9a-f]{16}: bin\/busybox: its contents are others from byte 70000 on$/],
    /: repaired: unpacked again$/,
    false,
  )
})

test('system check unpacks a layer again whose record is missing, damaged or of another layer', async ({ lichen }) => {
  const done = join(lichen.root, 'layers', onlyIn(lichen, 'layers'), 'done')
  const text = readFileSync(done, 'utf8')
  const repaired = /: repaired: unpacked again$/
  rmSync(done)
  await expectMended(lichen, [/^layer [0-9a-f]{16}: its record is missing$/], repaired)
  writeFileSync(done, text.slice(0, 40))
  await expectMended(lichen, [/^layer [0-9a-f]{16}: its record is damaged$/], repaired)
  writeFileSync(done, text.replace(/"chainId":"sha256:..../, '"chainId":"sha256:0000'))
  await expectMended(lichen, [/^layer [0-9a-f]{16}: its record is of another layer$/], repaired)
})

test('system check unpacks a layer that is gone when something needs it', async ({ lichen }) => {
  const layers = join(lichen.root, 'layers')
  const own = onlyIn(lichen, 'layers')
  await lichen.ok('load', '--input', imagePath('layered.oci.tar'))
  await lichen.ok('create', '--name', 'user', 'box', 'echo', 'well')
  await lichen.ok('unshare', 'rm', '-rf', join(layers, bottomBeside(lichen, own)))
  await expectMended(
    lichen,
    [/^layer [0-9a-f]{16}: missing \(layer [0-9a-f]{16} lies on it\)$/],
    /: repaired: unpacked again$/,
  )
  await lichen.ok('rmi', 'layered')
  await lichen.ok('unshare', 'rm', '-rf', join(layers, onlyIn(lichen, 'layers')))
  await expectMended(
    lichen,
    [/^layer [0-9a-f]{16}: missing \(container user needs it\)$/],
    /: repaired: unpacked again$/,
  )
  expect(await lichen.ok('start', '-a', 'user')).toBe('well')
})

test('system check repairs no layer under a running container, and says which to stop', async ({ lichen }) => {
  await lichen.ok('run', '-d', '--name', 'runs', 'box', 'sleep', '60')
  await inLayer(lichen, 'rm etc/group')
  const { code, lines } = await check(lichen, '--repair')
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [
      `${layerOf(lichen)}: etc/group: missing: not repaired: running containers use it: runs; lichen stop runs, then repair`,
    ],
  })
  await lichen.ok('stop', '-t', '0', 'runs')
  expect((await check(lichen, '--repair')).code).toBe(0)
  await lichen.ok('start', 'runs')
  expect(await lichen.ok('exec', 'runs', 'cat', '/etc/group')).not.toBe('')
})

test('system check makes a cut image index anew, with the names that are known', async ({ lichen }) => {
  await lichen.ok('load', '--input', imagePath('layered.oci.tar'))
  await lichen.ok('create', '--name', 'user', 'layered', 'true')
  const index = join(lichen.root, 'images/index.json')
  const text = readFileSync(index, 'utf8')
  const before = await lichen.ok('images', '--no-trunc', '--format', '{{.Names}} {{.ID}} {{.Digest}}')
  writeFileSync(index, text.slice(0, text.lastIndexOf('"digest"')))
  expect((await lichen('images')).code).toBe(125)
  const { code, lines } = await check(lichen)
  expect({ code, lines: lines.slice(0, 1) }).toEqual({ code: 1, lines: ['image index: not JSON'] })
  const mended = await check(lichen, '--repair')
  expect(mended.lines[0]).toMatch(/^image index: not JSON: repaired: made anew with 2 names; the damaged one is (.*)$/)
  const aside = / the damaged one is (.*)$/.exec(mended.lines[0] ?? '')?.[1] ?? ''
  expect(readFileSync(aside, 'utf8')).toBe(text.slice(0, text.lastIndexOf('"digest"')))
  expect(await lichen.ok('images', '--no-trunc', '--format', '{{.Names}} {{.ID}} {{.Digest}}')).toBe(before)
  await expectClean(lichen)
  // nothing salvageable: the container remembers one name, the other image is kept without one
  writeFileSync(index, '')
  const { lines: worse } = await check(lichen, '--repair')
  expect(worse[0]).toMatch(/made anew with 1 names, 1 manifests have lost theirs/)
  expect((await lichen.ok('images', '--format', '{{.Repository}}')).split('\n').sort()).toEqual([
    '<none>',
    'localhost/layered',
  ])
  await expectClean(lichen)
})

test('system check tells damaged blobs by what they are of, and cannot mend what no registry has', async ({
  lichen,
}) => {
  const blobs = join(lichen.root, 'images/blobs/sha256')
  const layer = readdirSync(blobs).find((name) => readFileSync(join(blobs, name)).length > 100_000) ?? ''
  const bytes = readFileSync(join(blobs, layer))
  const blob = `blob sha256:${layer}: `
  const outcome = ': not repaired: no registry has it: its image was made here or has no name'
  const expectLine = async (problem: string, ...flags: string[]) =>
    expect(await check(lichen, ...flags)).toMatchObject({
      code: 1,
      lines: [`${blob}${problem} (of localhost/box:latest)`],
    })
  writeFileSync(join(blobs, layer), bytes.subarray(0, -1))
  await expectLine(`it is ${bytes.length - 1} bytes long, not ${bytes.length}`, '--quick')
  bytes[1000] = (bytes[1000] ?? 0) ^ 1
  writeFileSync(join(blobs, layer), bytes)
  expect((await check(lichen, '--quick')).code).toBe(0)
  const flipped = await check(lichen, '--repair')
  expect(flipped).toMatchObject({
    code: 1,
    lines: [expect.stringMatching(new RegExp(`^${blob}its digest is sha256:\\w+ .*${outcome}$`))],
  })
  expect(flipped.last).toBe(
    '1 problem found, 0 repaired in 1 image, 3 blobs, 1 layer, 0 containers, 0 volumes; 1 layer could not be compared',
  )
  rmSync(join(blobs, layer))
  await expectLine('missing')
  // the layer is unpacked: the image still runs; only force takes it away
  expect(await running(lichen)).toBe('well')
  await lichen.ok('create', '--name', 'user', 'box', 'true')
  const forced = await check(lichen, '--repair', '--force')
  expect(forced.code).toBe(0)
  expect(forced.lines.at(-2)).toBe(
    'image localhost/box:latest: it cannot be mended: repaired: removed with its containers user',
  )
  expect(await lichen.ok('images', '-q')).toBe('')
  await expectClean(lichen)
})

test('system check looks after artifacts as after images', async ({ lichen }) => {
  const file = join(lichen.directory, 'file')
  writeFileSync(file, 'contents')
  await lichen.ok('artifact', 'add', 'quay.io/some/artifact:1', file)
  await expectClean(lichen)
  const index = join(lichen.root, 'artifacts/index.json')
  writeFileSync(index, readFileSync(index, 'utf8').slice(0, -9))
  await expectMended(lichen, [/^artifact index: not JSON$/], /: repaired: made anew with 1 names; the damaged one is /)
  expect(await lichen.ok('artifact', 'ls', '--format', '{{.Repository}}')).toBe('quay.io/some/artifact')
  const blobs = join(lichen.root, 'artifacts/blobs/sha256')
  const hex = readdirSync(blobs).find((name) => readFileSync(join(blobs, name), 'utf8') === 'contents') ?? ''
  writeFileSync(join(blobs, hex), 'Contents')
  const { code, lines } = await check(lichen)
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [expect.stringMatching(/^blob sha256:\w+: its digest is sha256:\w+ \(of quay\.io\/some\/artifact:1\)$/)],
  })
  await lichen.ok('artifact', 'rm', 'quay.io/some/artifact:1')
  await expectClean(lichen)
})

test('system check sets the container of a damaged record aside, with all its files', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'writer', '-v', 'data:/data', 'box', 'sh', '-c', 'echo precious >/file')
  const id = onlyIn(lichen, 'containers')
  const record = join(lichen.root, 'containers', id, 'record.json')
  writeFileSync(record, readFileSync(record, 'utf8').slice(0, 100))
  const short = id.slice(0, 12)
  expect(await check(lichen)).toMatchObject({ code: 1, lines: [`container ${short}: record.json: not JSON`] })
  const { code, lines } = await check(lichen, '--repair')
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [expect.stringMatching(/record\.json: not JSON: repaired: set aside as /)],
  })
  const aside = /set aside as (.*)$/.exec(lines[0] ?? '')?.[1] ?? ''
  expect(await lichen.ok('unshare', 'cat', join(aside, 'upper/file'))).toBe('precious')
  expect(await lichen('ps', '-aq')).toMatchObject({ code: 0, stdout: '', stderr: '' })
  expect(readdirSync(join(lichen.root, 'names'))).toEqual([])
  await expectClean(lichen)
  await lichen.ok('create', '--name', 'writer', 'box', 'true')
})

test('system check leaves records of another version alone', async ({ lichen }) => {
  await lichen.ok('create', '--name', 'c', 'box', 'true')
  const record = join(lichen.root, 'containers', onlyIn(lichen, 'containers'), 'record.json')
  const text = readFileSync(record, 'utf8')
  writeFileSync(record, text.replace('"schema": 1', '"schema": 2'))
  const { code, lines } = await check(lichen, '--repair')
  expect({ code, lines }).toEqual({
    code: 1,
    lines: [expect.stringMatching(/not of schema 1: not repaired: it is of schema 2, from another version/)],
  })
  expect(existsSync(record)).toBe(true)
  writeFileSync(record, text)
})

test('system check mends names, reports and volumes', async ({ lichen }) => {
  await lichen.ok('run', '--name', 'c', '-v', 'data:/data', 'box', 'sh', '-c', 'echo precious >/data/file')
  const at = (...words: string[]) => join(lichen.root, ...words)
  const id = onlyIn(lichen, 'containers')
  writeFileSync(at('names/lost'), `${'a'.repeat(64)} 1 1\n`)
  await expectMended(lichen, [/^name lost: leads to container a{12}, which does not exist$/], /: repaired: removed$/)
  rmSync(at('names/c'))
  await expectMended(lichen, [/^container c: its name is not kept for it$/], /: repaired: kept for it again$/)
  writeFileSync(at('containers', id, 'runs/1/exit.json'), '{"schema":1,')
  await expectMended(
    lichen,
    [/^container c: exit\.json: not JSON$/],
    /: repaired: set aside as .*exit\.json; how that start ended is not known$/,
  )
  expect(await lichen.ok('ps', '-a', '--format', '{{.Names}} {{.Status}}')).toBe('c Exited (unknown)')
  writeFileSync(at('volumes/data/volume.json'), 'x')
  await expectMended(
    lichen,
    [/^volume data: volume\.json: not JSON$/],
    /: repaired: written anew, without labels and options; the damaged record is .*volume\.json$/,
  )
  rmSync(at('volumes/data/volume.json'))
  await expectMended(
    lichen,
    [/^volume data: its record is missing$/],
    /: repaired: written anew, without labels and options$/,
  )
  expect(await lichen.ok('run', '--rm', '-v', 'data:/data', 'box', 'cat', '/data/file')).toBe('precious')
  await lichen.ok('unshare', 'rm', '-rf', at('volumes/data/_data'))
  await expectMended(lichen, [/^volume data: its data directory is missing$/], /: repaired: made anew, empty$/)
})

test('system check removes what killed commands have left, and nothing that is young', async ({ lichen }) => {
  const at = (...words: string[]) => join(lichen.root, ...words)
  const pidNamespace = /\d+/.exec(await lichen.ok('unshare', 'readlink', '/proc/self/ns/pid'))?.[0] ?? ''
  await lichen.ok('volume', 'create', 'v')
  mkdirSync(at('staging', `p999999999-1-${pidNamespace}-0123456789abcdef/diff`), { recursive: true })
  mkdirSync(at('trash/feed'))
  mkdirSync(at('volumes/v', `p999999999-1-${pidNamespace}-0123456789abcdef`))
  for (const file of ['images/.index.json.1.0.tmp', 'images/.index.json.2.0.tmp']) writeFileSync(at(file), '')
  for (const lock of ['names/c.lock', 'auto-userns.json.lock']) mkdirSync(at(lock))
  const old = Date.now() / 1000 - 120
  for (const file of ['images/.index.json.1.0.tmp', 'names/c.lock', 'auto-userns.json.lock'])
    utimesSync(at(file), old, old)
  writeFileSync(at('images/blobs/sha256', 'b'.repeat(64)), 'orphan')
  const { lines } = await check(lichen, '--quick')
  expect(lines).toEqual([
    'trash/feed: left by a command that was killed',
    expect.stringMatching(/^staging\/p999999999-\S+: left by a command that was killed$/),
    expect.stringMatching(/^volumes\/v\/p999999999-\S+: left by a command that was killed$/),
    'auto-userns.json.lock: left by a command that was killed',
    'names/c.lock: left by a command that was killed',
    'images/.index.json.1.0.tmp: left by a command that was killed',
    `blob sha256:${'b'.repeat(64)}: no image needs it`,
  ])
  const repaired = await check(lichen, '--repair')
  expect({ code: repaired.code, count: repaired.lines.length }).toEqual({ code: 0, count: 7 })
  await expectClean(lichen)
  expect(existsSync(at('images/.index.json.2.0.tmp'))).toBe(true)
})

test('system check sets aside what is none of ours, and removes layers of nobody', async ({ lichen }) => {
  const layers = join(lichen.root, 'layers')
  writeFileSync(join(layers, 'README'), 'mine')
  mkdirSync(join(layers, '0123456789abcdef/diff'), { recursive: true })
  const { code, lines } = await check(lichen, '--repair')
  expect({ code, lines }).toEqual({
    code: 0,
    lines: [
      expect.stringMatching(
        /^layers\/README: it is none of ours: repaired: set aside as .*\/damaged\/.*\/layers\/README$/,
      ),
      'layer 0123456789abcdef: no image and no container needs it: repaired: removed',
    ],
  })
  await expectClean(lichen)
})

/** The lowest of the layers that were unpacked since there was only `known`. */
function bottomBeside(lichen: Lichen, known: string): string {
  const dir = join(lichen.root, 'layers')
  const isBottom = (name: string) => {
    const { chainId, diffId } = JSON.parse(readFileSync(join(dir, name, 'done'), 'utf8')) as Record<string, string>
    return chainId === diffId
  }
  return readdirSync(dir).find((name) => name !== known && isBottom(name)) ?? ''
}

test('system check sets a damaged secret aside, and the name is free again', async ({ lichen }) => {
  const file = join(lichen.root, 'secrets/s')
  await lichen.ok('secret', 'create', 's', join(lichen.root, 'images/oci-layout'))
  writeFileSync(file, '{"half')
  await expectMended(
    lichen,
    [/^secret s: not a secret of this version$/],
    /: repaired: set aside as .*\/damaged\/.*\/secrets\/s$/,
  )
  await lichen.ok('secret', 'create', 's', join(lichen.root, 'images/oci-layout'))
})
