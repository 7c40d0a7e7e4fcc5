// Containers on a directory of the user's own, without an image.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { lichenTest, test } from '../support/container-test.js'
import { isLichen } from '../support/facts.js'
import { imagePath } from '../support/images.js'
import type { Lichen } from '../support/lichen.js'

/** The caller's: whoever reads tar as another user than root owns everything. */
function makeTree({ directory }: Lichen): string {
  const tree = join(directory, 'tree')
  mkdirSync(tree)
  execFileSync('tar', ['-xf', imagePath('box.tar'), '-C', tree, '--no-same-owner'])
  return tree
}

test('run writes into the directory itself when --rootfs names it', async ({ bare }) => {
  const tree = makeTree(bare)
  expect(await bare.ok('run', '--rm', '--rootfs', tree, 'sh', '-c', 'echo x >/new; cat /etc/group | head -1')).toBe(
    'root:x:0:',
  )
  expect(existsSync(join(tree, 'new'))).toBe(true)
})

test('run leaves the directory as it is when --rootfs says O, and forgets the changes', async ({ bare }) => {
  const tree = makeTree(bare)
  await bare.ok(
    'create',
    '--name',
    'over',
    '--rootfs',
    `${tree}:O`,
    'sh',
    '-c',
    'ls /new 2>/dev/null; touch /new; rm -r /home; ls -d /home || echo gone',
  )
  expect(await bare.ok('start', '--attach', 'over')).toBe('gone')
  // podman's page says so, too; version 4.3 shows the second start what the first has changed
  if (isLichen) expect(await bare.ok('start', '--attach', 'over')).toBe('gone')
  expect(readdirSync(tree)).toContain('home')
  expect(existsSync(join(tree, 'new'))).toBe(false)
})

test('ps and inspect show a container without an image', async ({ bare }) => {
  const tree = makeTree(bare)
  await bare.ok('create', '--name', 'plain', '--rootfs', tree, 'true')
  expect(await bare.ok('inspect', '--format', '[{{.Image}}] [{{.ImageName}}] {{.Rootfs}}', 'plain')).toBe(
    `[] [] ${tree}`,
  )
  expect(await bare.ok('ps', '--all', '--format', '{{.Names}} [{{.Image}}]')).toBe('plain []')
  expect((await bare('commit', 'plain', 'made')).code).toBe(125)
})

test('run fails with 125 when --rootfs names nothing, or no command is said', async ({ bare }) => {
  const none = join(bare.directory, 'none')
  const result = await bare('run', '--rootfs', none, 'true')
  expect(result).toMatchObject({ code: 125, stderr: expect.stringContaining(`${none}: no such file or directory`) })
  expect((await bare('run', '--rootfs', makeTree(bare))).code).toBe(125)
})

lichenTest('run works on a directory behind a link, and rm leaves it where it is', async ({ bare }) => {
  const tree = makeTree(bare)
  const link = join(bare.directory, 'link')
  symlinkSync(tree, link)
  writeFileSync(join(tree, 'mark'), 'x')
  expect(await bare.ok('run', '--name', 'one', '--rootfs', link, 'cat', '/mark')).toBe('x')
  await bare.ok('rm', 'one')
  expect(existsSync(join(tree, 'mark'))).toBe(true)
  expect(await bare.ok('--storage-driver', 'copy', 'run', '--rm', '--rootfs', `${link}:O`, 'cat', '/mark')).toBe('x')
})
