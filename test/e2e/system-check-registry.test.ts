// `system check --repair` of images that a registry has: exactly what is bad is fetched again, the rest is not even asked for.

import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { isLichen } from '../support/facts.js'
import { layer } from '../support/image-archive.js'
import { test } from '../support/interop-test.js'
import type { Lichen } from '../support/lichen.js'
import { putImage } from '../support/put-image.js'
import { hasRegistry } from '../support/registry.js'

const IMAGE = { layers: [layer({ 'etc/one': 'one' }), layer({ 'etc/two': 'two' }), layer({ 'etc/three': 'three' })] }

const blobsOf = (lichen: Lichen) => join(lichen.root, 'images/blobs/sha256')
const blobs = (log: string) =>
  [...log.matchAll(/method=GET\S* .*?uri="?\/v2\/app\/blobs\/(sha256:\w+)/g)].map(([, it]) => it)

interface Parts {
  readonly manifest: string
  readonly config: string
  readonly layers: readonly string[]
}

function partsOf(lichen: Lichen): Parts {
  const dir = blobsOf(lichen)
  const documents = readdirSync(dir).map((hex) => ({ hex, text: readFileSync(join(dir, hex), 'utf8') }))
  const { hex = '', text = '{}' } = documents.find((it) => it.text.includes('"schemaVersion"')) ?? {}
  const { config, layers } = JSON.parse(text) as { config: { digest: string }; layers: { digest: string }[] }
  return { manifest: hex, config: config.digest.slice(7), layers: layers.map(({ digest }) => digest.slice(7)) }
}

test.runIf(isLichen && hasRegistry)(
  'system check --repair fetches only the blobs that are bad',
  async ({ bare: lichen, registry }) => {
    const name = `${registry.host}/app:v1`
    await putImage(registry.host, 'app', 'v1', IMAGE)
    await lichen.ok('pull', '-q', name)
    const { manifest, config, layers } = partsOf(lichen)
    const file = (hex = '') => join(blobsOf(lichen), hex)
    const whole = new Map(readdirSync(blobsOf(lichen)).map((hex) => [hex, readFileSync(file(hex))]))
    const damage: readonly (readonly [string | undefined, (path: string) => void, RegExp])[] = [
      [layers[1], (path) => rmSync(path), /: missing \(of /],
      [layers[2], (path) => writeFileSync(path, 'short'), /: it is 5 bytes long, not \d+ \(of /],
      [
        config,
        (path) => writeFileSync(path, Buffer.alloc(whole.get(config)?.length ?? 0)),
        /: its digest is sha256:\w+ \(of /,
      ],
      [manifest, (path) => rmSync(path), /: missing \(manifest of /],
    ]
    for (const [hex, spoil, problem] of damage) {
      spoil(file(hex))
      const before = registry.log().length
      const { code, stdout } = await lichen('system', 'check', '--repair')
      const [first = ''] = stdout.split('\n')
      expect({ code, first }).toEqual({ code: 0, first: expect.stringMatching(problem) as string })
      expect(first).toMatch(`blob sha256:${hex}: `)
      expect(first).toMatch(new RegExp(`: repaired: fetched again from ${registry.host}/app$`))
      expect(readFileSync(file(hex)).equals(whole.get(hex ?? '') ?? Buffer.alloc(0))).toBe(true)
      const fetched = blobs(registry.log().slice(before))
      expect(fetched).toEqual(hex === manifest ? [] : [`sha256:${hex}`])
      expect(await lichen('system', 'check')).toMatchObject({ code: 0 })
    }
  },
)

test.runIf(isLichen && hasRegistry)(
  'system check --repair mends several blobs and a layer at once, and says what the registry has not',
  async ({ bare: lichen, registry }) => {
    await putImage(registry.host, 'app', 'v1', IMAGE)
    await lichen.ok('pull', '-q', `${registry.host}/app:v1`)
    const { layers, config } = partsOf(lichen)
    for (const hex of [config, layers[0] ?? '']) writeFileSync(join(blobsOf(lichen), hex), '')
    const [unpacked = ''] = readdirSync(join(lichen.root, 'layers'))
    await lichen.ok('unshare', 'sh', '-c', 'rm "$0"/diff/etc/*', join(lichen.root, 'layers', unpacked))
    const { code, stdout } = await lichen('system', 'check', '--repair')
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 4 })
    expect(await lichen.ok('system', 'check')).toMatch(/^No problems found/)
    rmSync(join(blobsOf(lichen), layers[0] ?? ''))
    await registry.stop()
    const refused = await lichen('system', 'check', '--repair')
    expect(refused).toMatchObject({ code: 1, stderr: '' })
    expect(refused.stdout).toMatch(
      /^blob sha256:\w+: missing \(of \S+\): not repaired: [^\n]+\n1 problem found, 0 repaired in/,
    )
    expect(existsSync(join(blobsOf(lichen), layers[0] ?? ''))).toBe(false)
  },
)
