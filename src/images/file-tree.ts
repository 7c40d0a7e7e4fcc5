// The file tree that a stack of layers makes, from their entries alone, and how two such trees differ. OCI image-spec layer.md: whiteouts
// and opaque directories hide what lies below, never what comes with them. Pure: nothing is ever resolved on this host.

import type { FileChange } from '../model/file-change.js'
import type { Digest } from '../model/image.js'

export interface LayerEntry {
  /** As the tar says it. */
  readonly name: string
  readonly kind: 'file' | 'symlink' | 'hardlink' | 'directory' | 'other'
  readonly linkTarget: string
  /** All that tells two files apart: mode, owner and (but for directories) time, size, link, contents. */
  readonly attributes: string
}

export interface LayerEntries {
  readonly diffId: Digest
  readonly entries: readonly LayerEntry[]
}

interface Node {
  isDirectory: boolean
  /** Of a symbolic link. */
  linkTarget: string | undefined
  attributes: string
  /** Where it comes from; the last layer that mentions it. */
  diffId: Digest | undefined
  readonly children: Map<string, Node>
}

const WHITEOUT = '.wh.'
const OPAQUE = '.wh..wh..opq'
const MOST_LINKS = 40

export type FileTree = Node

/** Layers bottom first. */
export function stackLayers(layers: readonly LayerEntries[]): FileTree {
  const root = newDirectory()
  for (const layer of layers) {
    for (const { name } of layer.entries) hideBelow(root, splitPath(name))
    for (const entry of layer.entries) addEntry(root, entry, layer.diffId)
  }
  return root
}

export interface CompareOptions {
  /** Whatever a layer brings anew counts as changed, even when it looks the same (its extended attributes may differ). */
  readonly trustLooks: boolean
}

/** By path. Of an added directory everything in it is told; of a deleted one only itself. */
export function compareTrees(before: FileTree, after: FileTree, options: CompareOptions): FileChange[] {
  const changes: FileChange[] = []
  compareInto(changes, { path: '', before, after }, options)
  return changes.sort((a, b) => (a.path < b.path ? -1 : 1))
}

interface Pair {
  readonly path: string
  readonly before: Node
  readonly after: Node
}

function compareInto(changes: FileChange[], { path, before, after }: Pair, options: CompareOptions): void {
  for (const name of before.children.keys())
    if (!after.children.has(name)) changes.push({ path: `${path}/${name}`, kind: 'deleted' })
  for (const [name, node] of after.children) {
    const child = `${path}/${name}`
    const old = before.children.get(name)
    if (old === undefined) addAll(changes, child, node)
    else compareNodes(changes, { path: child, before: old, after: node }, options)
  }
}

function compareNodes(changes: FileChange[], pair: Pair, options: CompareOptions): void {
  const { path, before, after } = pair
  const count = changes.length
  if (before.isDirectory && after.isDirectory) compareInto(changes, pair, options)
  else if (after.isDirectory) for (const [name, node] of after.children) addAll(changes, `${path}/${name}`, node)
  if (changes.length > count || isChanged(before, after, options)) changes.push({ path, kind: 'changed' })
}

function isChanged(before: Node, after: Node, { trustLooks }: CompareOptions): boolean {
  if (before.diffId === after.diffId) return false
  if (before.isDirectory !== after.isDirectory) return true
  return before.attributes !== after.attributes || !(trustLooks || after.isDirectory)
}

function addAll(changes: FileChange[], path: string, node: Node): void {
  changes.push({ path, kind: 'added' })
  for (const [name, child] of node.children) addAll(changes, `${path}/${name}`, child)
}

/** What a whiteout or an opaque mark takes from the layers below. */
function hideBelow(root: Node, path: readonly string[]): void {
  const name = path.at(-1)
  if (name === undefined || !name.startsWith(WHITEOUT)) return
  const directory = path.slice(0, -1).reduce<Node | undefined>((node, part) => node?.children.get(part), root)
  if (name === OPAQUE) directory?.children.clear()
  else directory?.children.delete(name.slice(WHITEOUT.length))
}

function addEntry(root: Node, entry: LayerEntry, diffId: Digest): void {
  const path = splitPath(entry.name)
  const name = path.at(-1)
  if (name?.startsWith(WHITEOUT) === true) return
  const parent = openDirectory(root, path.slice(0, -1), diffId)
  const isDirectory = entry.kind === 'directory'
  const old = name === undefined ? root : parent.children.get(name)
  const children = isDirectory && old?.isDirectory === true ? old.children : new Map<string, Node>()
  const linkTarget = entry.kind === 'symlink' ? entry.linkTarget : undefined
  const node = { isDirectory, linkTarget, attributes: entry.attributes, diffId, children }
  if (name === undefined) root.attributes = entry.attributes
  else parent.children.set(name, node)
}

/** Makes what is missing. Follows links of the same layer, as unpacking does, which sees no other layer; never out of the tree. */
function openDirectory(root: Node, path: readonly string[], diffId: Digest): Node {
  const stack = [root]
  const waiting = [...path]
  for (let links = 0; waiting.length > 0; ) {
    const name = waiting.shift() ?? ''
    const here = stack.at(-1) ?? root
    if (name === '..') {
      if (stack.length > 1) stack.pop()
      continue
    }
    const node = here.children.get(name)
    if (node?.linkTarget !== undefined && node.diffId === diffId && links++ < MOST_LINKS) {
      if (node.linkTarget.startsWith('/')) stack.length = 1
      waiting.unshift(...node.linkTarget.split('/').filter((part) => part !== '' && part !== '.'))
      continue
    }
    const directory = node?.isDirectory === true ? node : newDirectory()
    here.children.set(name, directory)
    stack.push(directory)
  }
  return stack.at(-1) ?? root
}

function newDirectory(): Node {
  return { isDirectory: true, linkTarget: undefined, attributes: '', diffId: undefined, children: new Map() }
}

/** `./usr//bin/` → usr, bin. Only names: `..` cannot leave the tree. */
function splitPath(name: string): string[] {
  const parts: string[] = []
  for (const part of name.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return parts
}
