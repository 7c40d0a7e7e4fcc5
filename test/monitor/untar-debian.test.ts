// `untar` unpacks a real distribution exactly as GNU tar does: owners, modes, times, attributes, contents, hard links.

import { describe, expect, test } from 'vitest'
import { hasImage, imagePath } from '../support/images.js'
import { actors, MONITOR, openScratch, type Tree } from './trees.js'

/** Without what only root can make, and what depends on the disk and not on the archive. */
function comparable(tree: Tree): object {
  const nodes = Object.entries(tree).filter(([name, { kind }]) => name !== '.' && kind !== 'char' && kind !== 'block')
  return Object.fromEntries(nodes.map(([name, { blocks: _blocks, ...node }]) => [name, node]))
}

describe.each(actors)('untar as $name', (actor) => {
  test.skipIf(!hasImage('debian.tar'))(
    'untar unpacks what GNU tar does when given a Debian root file system',
    async () => {
      const scratch = openScratch(actor)
      const [ours, theirs] = [scratch.directory('ours'), scratch.directory('theirs')]
      const unpacked = await scratch.run([
        'sh',
        '-c',
        '"$1" untar "$2" <"$3"',
        'sh',
        MONITOR,
        ours,
        imagePath('debian.tar'),
      ])
      expect(unpacked).toMatchObject({ code: 0, stderr: '' })
      const devices = Number(/devices_skipped=(\d+)/.exec(unpacked.stdout)?.[1])
      expect(devices > 0).toBe(!actor.isPrivileged)
      // Its exit code is no measure: it fails for every device node it may not make.
      await scratch.run([
        'tar',
        '--xattrs',
        '--xattrs-include=*',
        '--numeric-owner',
        '-xpf',
        imagePath('debian.tar'),
        '-C',
        theirs,
      ])
      const [tree, expected] = [await scratch.tree(ours), await scratch.tree(theirs)]
      expect(comparable(tree)).toEqual(comparable(expected))
      expect(Object.keys(comparable(tree)).length).toBeGreaterThan(5000)
      expect(tree['usr/bin/true']?.xattrs).toHaveProperty('security.capability')
      expect(tree['usr/bin/passwd']?.mode).toBe('4755')
    },
  )
})
