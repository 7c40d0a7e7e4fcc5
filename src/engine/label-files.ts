// `--label-file`: labels from files, one `NAME=VALUE` a line, in the grammar of podman's label and environment files.

import { readFileSync } from 'node:fs'
import path from 'node:path'
import { errorCode, NotFoundError, UsageError } from '../model/errors.js'

/** Of all the files together; what a later line says wins. */
export function readLabelFiles(files: readonly string[], cwd: string): Readonly<Record<string, string>> {
  return Object.fromEntries(files.flatMap((file) => parseLabelLines(readText(path.resolve(cwd, file)), file)))
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new NotFoundError(
      `read --label-file: ${file}: ${errorCode(cause) === 'ENOENT' ? 'no such file' : errorCode(cause)}`,
      {
        cause,
      },
    )
  }
}

/** Blank lines and those that begin with `#` are no labels; a name alone has the empty value, as in docker. */
export function parseLabelLines(text: string, file: string): (readonly [name: string, value: string])[] {
  const lines = text.split(/\r?\n/).map((line) => line.replace(/^[ \t]+/, ''))
  return lines
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const equals = line.indexOf('=')
      const name = equals < 0 ? line : line.slice(0, equals)
      if (name === '') throw new UsageError(`read --label-file: ${file}: invalid label "${line}": it has no name`)
      if (/[ \t]/.test(name))
        throw new UsageError(`read --label-file: ${file}: name "${name}" has white spaces, poorly formatted name`)
      return [name, equals < 0 ? '' : line.slice(equals + 1)]
    })
}
