// vitest's global set-up: the box image is there before any test starts. scripts/test has prepared the others.

import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { hasImage } from './images.js'

export default function prepare(): void {
  if (hasImage('box.tar')) return
  execFileSync(join(import.meta.dirname, 'prepare-images'), ['box'], { stdio: 'inherit' })
}
