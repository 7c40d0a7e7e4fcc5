// Runs other programs off the hot path; the one door to execa. A failure carries argv, exit code and the last lines of its error output.

import { ExternalToolError, HostError } from '../model/errors.js'

export interface ToolOptions {
  readonly cwd?: string
  readonly input?: string | Uint8Array
  readonly env?: Readonly<Record<string, string>>
}

/** Runs argv to its end and returns its standard output. Throws HostError when it is not installed, ExternalToolError when it fails. */
export async function runTool(argv: readonly string[], options: ToolOptions = {}): Promise<string> {
  const { code, stdout, stderr, cause } = await askTool(argv, options)
  if (code !== 0) throw new ExternalToolError(`run ${argv[0]}`, { argv, code, stderr, cause })
  return stdout
}

export interface ToolAnswer {
  /** null: a signal ended it. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
  readonly cause?: unknown
}

/** The same for programs whose failure is an answer. Throws HostError when it is not installed. */
export async function askTool(argv: readonly string[], options: ToolOptions = {}): Promise<ToolAnswer> {
  const { execa } = await import('execa')
  const [file = '', ...args] = argv
  const result = await execa(file, args, { ...options, reject: false, stripFinalNewline: false, buffer: true })
  if (result.failed && result.code === 'ENOENT')
    throw new HostError(`run ${file}: not installed`, { hint: 'scripts/setup installs what lichen needs' })
  const { exitCode = null, stdout, stderr, cause } = result
  return { code: result.failed ? (exitCode ?? null) : 0, stdout, stderr, cause }
}
