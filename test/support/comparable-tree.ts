// Trees of the same image as different programs show them, made comparable.

import type { Tree } from '../monitor/trees.js'

/**
 * Without what may differ between two true answers: a directory's own time (whiteouts change it in some stores), blocks used, and the
 * names of hard links that are not in the tree. podman's `/` is 0555 whenever the topmost layer does not mention it; and of a hard link
 * that says another owner than the file it links to, podman believes the link, GNU tar and lichen the file.
 */
export function comparable(tree: Tree): Record<string, object> {
  const { '.': _root, 'data/linked': _linked, ...rest } = tree
  return Object.fromEntries(
    Object.entries(rest).map(([name, { mtimeNs, blocks: _blocks, links = [], ...node }]) => [
      name,
      { ...node, links: links.length > 1 ? links : [], ...(node.kind === 'directory' ? { size: 0 } : { mtimeNs }) },
    ]),
  )
}
