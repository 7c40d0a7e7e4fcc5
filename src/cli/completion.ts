// Prints a completion script: a static file that the build makes beside the bundle (dist/completions/).

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { HostError } from '../model/errors.js'
import { writeOut } from './output.js'

export function printCompletion(shell: 'bash' | 'zsh' | 'fish'): void {
  const here = typeof __dirname === 'string' ? __dirname : path.dirname(new URL(import.meta.url).pathname)
  const file = path.join(here, 'completions', `lichen.${shell}`)
  try {
    writeOut(readFileSync(file))
  } catch (error) {
    throw new HostError(`read completion script: ${file}: missing`, { cause: error, hint: 'scripts/build makes it' })
  }
}
