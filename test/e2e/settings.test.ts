// lichen.toml as its user meets it: where short names lead, what is blocked, what is misspelt, and that nobody reads it for nothing.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect } from 'vitest'
import { lichenTest } from '../support/container-test.js'
import { layer } from '../support/image-archive.js'
import type { Lichen } from '../support/lichen.js'
import { putImage } from '../support/put-image.js'
import { hasRegistry, type Registry, startRegistry } from '../support/registry.js'

let first: Registry
let second: Registry
beforeAll(async () => {
  if (!hasRegistry) return
  first = await startRegistry()
  second = await startRegistry()
  const image = { layers: [layer({ file: 'contents' })] }
  await putImage(first.host, 'both', 'latest', image)
  await putImage(second.host, 'both', 'latest', image)
  await putImage(second.host, 'one', 'latest', image)
})
afterAll(async () => {
  await first?.stop()
  await second?.stop()
})

const registryTest = hasRegistry ? lichenTest : lichenTest.skip

/** The command line, with these settings. */
function withSettings(lichen: Lichen, toml: string): { run: Lichen; file: string } {
  const file = join(lichen.directory, 'lichen.toml')
  writeFileSync(file, toml)
  const run = (...args: string[]) => lichen.with({ env: { LICHEN_CONFIG: file } }, ...args)
  return { run: run as Lichen, file }
}

registryTest('pull looks for short names in the registries that are listed, in their order', async ({ bare }) => {
  const { run } = withSettings(bare, `[registries]\nsearch = ["${first.host}", "${second.host}"]\n`)
  for (const name of ['both', 'one']) expect((await run('pull', '--quiet', name)).code, name).toBe(0)
  const names = await bare.ok('images', '--format', '{{.Repository}}')
  expect(names.split('\n').sort()).toEqual([`${first.host}/both`, `${second.host}/one`].sort())
})

registryTest('pull and push refuse what is blocked, and name the file', async ({ lichen }) => {
  const { run, file } = withSettings(lichen, `[[registry]]\nname = "${first.host}/both"\nblocked = true\n`)
  for (const words of [
    ['pull', `${first.host}/both`],
    ['push', 'box', `${first.host}/both`],
  ]) {
    const result = await run(...words)
    expect(result.code).toBe(125)
    expect(result.stderr).toContain(`${first.host}/both:latest: the registry is blocked\nHint: ${file} says so`)
  }
  expect((await run('pull', '--quiet', `${second.host}/one`)).code).toBe(0)
})

registryTest('pull names file and key when a setting is misspelt', async ({ bare }) => {
  const { run, file } = withSettings(bare, '[pull]\nretrys = 1\n')
  const result = await run('pull', `${first.host}/both`)
  expect(result).toMatchObject({
    code: 125,
    stderr: `Error: read: ${file}: pull: retrys: unknown key\nHint: keys here are: parallel-downloads, parallel-unpacks, retries\n`,
  })
})

lichenTest('run reads no settings when the image is here', async ({ lichen }) => {
  const { run } = withSettings(lichen, 'this is no TOML')
  expect(await run('run', '--rm', '--network', 'none', 'box', 'echo', 'runs')).toMatchObject({
    code: 0,
    stdout: 'runs\n',
  })
})
