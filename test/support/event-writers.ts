// Many processes that append events at the same time, as many commands do.

import { build } from 'esbuild'
import type { StorePaths } from '../../src/platform/paths.js'
import { runProcess } from './process.js'

export interface Writers {
  readonly writers: number
  /** Events of each. */
  readonly each: number
  readonly paddingBytes: number
}

/** Their events are volumes named `WRITER.NUMBER`. Resolves when all have ended well. */
export async function appendInProcesses(paths: StorePaths, { writers, each, paddingBytes }: Writers): Promise<void> {
  const script = `
    import { appendEvent } from './src/state/events.js'
    const [writer, paths] = [process.argv[1], JSON.parse(process.argv[2])]
    for (let number = 0; number < ${each}; number++)
      appendEvent(paths, { Type: 'volume', Status: 'create', Name: writer + '.' + number, Attributes: { x: 'x'.repeat(${paddingBytes}) } })`
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    write: false,
  })
  const code = outputFiles[0]?.text ?? ''
  const argv = (writer: number) => [process.execPath, '-e', code, String(writer), JSON.stringify(paths)]
  const results = await Promise.all(Array.from({ length: writers }, (_, writer) => runProcess(argv(writer))))
  const failed = results.find((result) => result.code !== 0)
  if (failed !== undefined) throw new Error(failed.stderr)
}
