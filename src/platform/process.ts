// Runs other programs off the hot path; the one door to execa. A failure carries argv, exit code and the last lines of its error output.

import { ExternalToolError, HostError } from '../model/errors.js'

export interface ToolOptions {
  readonly cwd?: string
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Runs argv to its end and returns its standard output. Throws HostError when it is not installed, ExternalToolError when it fails. */
export async function runTool(argv: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { execa } = await import('execa')
  const [file = '', ...args] = argv
  const result = await execa(file, args, { ...options, reject: false, stripFinalNewline: false, buffer: true })
  if (result.failed && result.code === 'ENOENT')
    throw new HostError(`run ${file}: not installed`, { hint: 'scripts/setup installs what lichen needs' })
  if (result.failed)
    throw new ExternalToolError(`run ${file}`, {
      argv,
      code: result.exitCode ?? null,
      stderr: result.stderr,
      cause: result.cause,
    })
  return result.stdout
}
