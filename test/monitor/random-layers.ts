// Stacks of layers for tests: made from archives, at random from a seed, and shown by the kernel's own overlay, which is the judge.

import { join } from 'node:path'
import { type TarEntry, tar } from './tar-writer.js'
import { MONITOR, type Scratch, type Tree } from './trees.js'

/** Unpacks each archive into a layer; bottom first. */
export async function makeLayers(scratch: Scratch, archives: readonly Buffer[]): Promise<string[]> {
  const layers: string[] = []
  for (const archive of archives) {
    const layer = scratch.directory(`layer${layers.length}`)
    const { code, stderr } = await scratch.run([MONITOR, 'untar', layer], archive)
    if (code !== 0) throw new Error(stderr)
    layers.push(layer)
  }
  return layers
}

/** What an overlay mount of the layers shows. */
export async function overlayTree(scratch: Scratch, layers: readonly string[]): Promise<Tree> {
  const options = `ro,userxattr,lowerdir=${[...layers].reverse().join(':')}`
  const script = join(import.meta.dirname, 'snapshot.py')
  const command = 'mount -t overlay -o "$1" none "$2" && exec python3 "$3" "$2"'
  const argv = ['unshare', '-m', 'sh', '-c', command, 'sh', options, scratch.directory('merged'), script]
  const { code, stdout, stderr } = await scratch.run(argv)
  if (code !== 0) throw new Error(stderr)
  return JSON.parse(stdout) as Tree
}

/** Without what tells nothing of the files: how many blocks they take. */
export const comparable = (tree: Tree) =>
  Object.fromEntries(Object.entries(tree).map(([name, { blocks: _blocks, ...node }]) => [name, node]))

/** A small generator with a seed (mulberry32): the same stacks every time. */
export function random(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
}

/** A layer of entries whose few names collide with those of other layers. */
export function randomLayer(pick: (limit: number) => number): Buffer {
  const name = () => Array.from({ length: 1 + pick(3) }, () => 'abc'[pick(3)]).join('/')
  const parents = new Set<string>()
  const taken = new Set<string>()
  const entries: TarEntry[] = [{ name: './', type: '5', mtime: pick(1000), mode: 0o755 }]
  const addParents = (path: string) => {
    const parts = path.split('/').slice(0, -1)
    parts.forEach((_, i) => {
      const parent = parts.slice(0, i + 1).join('/')
      if (!parents.has(parent))
        entries.push({ name: parent, type: '5', mode: 0o700 + pick(8), mtime: pick(1000), uid: pick(5) })
      parents.add(parent)
    })
  }
  for (let left = 2 + pick(7); left > 0; left--) {
    const path = name()
    const above = path.split('/').map((_, i, parts) => parts.slice(0, i + 1).join('/'))
    if (taken.has(path) || parents.has(path) || above.some((parent) => taken.has(parent) && !parents.has(parent)))
      continue
    addParents(path)
    const common = { name: path, mtime: pick(1000), uid: pick(5) }
    const at = path.lastIndexOf('/') + 1
    const kind = pick(7)
    if (kind < 2) entries.push({ ...common, data: `data ${pick(1000)}`, mode: 0o600 + pick(64) })
    else if (kind === 2) entries.push({ ...common, type: '2', link: 'somewhere' })
    else if (kind === 3) entries.push({ name: `${path.slice(0, at)}.wh.${path.slice(at)}` })
    else if (kind === 4)
      entries.push({ ...common, type: '5', mode: 0o755, pax: [['SCHILY.xattr.user.x', String(pick(9))]] })
    else if (kind === 5) entries.push({ ...common, type: '5', mode: 0o755 }, { name: `${path}/.wh..wh..opq` })
    else entries.push({ ...common, type: '6' })
    taken.add(path)
    if (kind === 4 || kind === 5) parents.add(path)
  }
  return tar(...entries)
}
