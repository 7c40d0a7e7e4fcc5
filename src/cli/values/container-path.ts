// Where in a container something is mounted: absolute, and not its root.

import { UsageError } from '../../model/errors.js'

/** Without `.`, `..`, double and trailing slashes. Says nothing of links: those are the runtime's to follow, inside the root. */
export function parseContainerPath(input: string): string {
  if (input === '') throw new UsageError('container directory cannot be empty')
  if (!input.startsWith('/')) throw new UsageError(`invalid container path "${input}", must be an absolute path`)
  const parts: string[] = []
  for (const part of input.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  if (parts.length === 0) throw new UsageError('a volume cannot take the place of the container\'s "/"')
  return `/${parts.join('/')}`
}
