// What `image tree` draws: podman's words and lines.

import type { ImageTree, TreeLayer } from '../../model/image-tree.js'
import { exactSize, shortId } from '../human.js'

const SIZE_WIDTH = 7

export function imageTreeText({ image, sizeBytes, layers }: ImageTree): string {
  const head = [
    `Image ID: ${shortId(image.id)}`,
    `Tags:     [${image.names.join(' ')}]`,
    `Size:     ${exactSize(sizeBytes)}`,
  ]
  const tree = layers.length === 0 ? ['No Image Layers'] : ['Image Layers', ...layers.flatMap(drawer('', layers))]
  return `${[...head, ...tree].join('\n')}\n`
}

/** Draws one of `siblings`, and what lies upon it. */
function drawer(indent: string, siblings: readonly TreeLayer[]): (layer: TreeLayer, index: number) => string[] {
  return (layer, index) => {
    const isLast = index === siblings.length - 1
    const names = layer.topOf.length === 0 ? '' : ` Top Layer of: [${layer.topOf.join(' ')}]`
    const size = exactSize(layer.sizeBytes).padStart(SIZE_WIDTH)
    const line = `${indent}${isLast ? '└── ' : '├── '}ID: ${shortId(layer.id)} Size: ${size}${names}`
    return [line, ...layer.children.flatMap(drawer(`${indent}${isLast ? '    ' : '│   '}`, layer.children))]
  }
}
