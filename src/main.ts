// The only entry: argv in, exit code out. Finds the command, runs it, and prints every error that reaches it.
// Must stay small to load: what a command needs is imported by the command.

import { errorExitCode, errorText } from './cli/error-text.js'
import { globalFlags, helpFlag, versionFlag } from './cli/global-flags.js'
import { programHelp, topicHelp } from './cli/help.js'
import { writeErr, writeOut } from './cli/output.js'
import { type Route, route } from './cli/router.js'
import { lichenVersion } from './cli/version.js'
import { runCommand } from './commands/base-command.js'
import { commandTable } from './commands/command-table.gen.js'
import { UsageError } from './model/errors.js'

const rootFlags = { ...globalFlags, help: { ...helpFlag, char: 'h' }, version: versionFlag } as const

async function main(words: readonly string[]): Promise<number> {
  // The environment is read here because an error may come before anything else is loaded.
  const context: { command?: string; debug: boolean } = { debug: process.env.LICHEN_DEBUG === '1' }
  try {
    const target = route(words, commandTable, rootFlags)
    if (target.kind !== 'command') return answer(target)
    const command = Object.assign(context, { command: target.name, commandLine: ['lichen', ...words] })
    return await runCommand(await target.entry.load(), target.words, command)
  } catch (error) {
    writeErr(errorText(error, context))
    return errorExitCode(error)
  }
}

/** What needs no command: the version, and help for the program or a topic. */
function answer(target: Exclude<Route, { kind: 'command' }>): number {
  if (target.kind === 'version') {
    writeOut(`lichen version ${lichenVersion}\n`)
    return 0
  }
  const { topic, asked } = target
  const write = asked ? writeOut : writeErr
  write(topic === undefined ? programHelp(commandTable, rootFlags) : topicHelp(commandTable, topic))
  if (asked) return 0
  throw new UsageError(`missing command: lichen ${topic === undefined ? '' : `${topic} `}COMMAND`)
}

void main(process.argv.slice(2)).then((code) => process.exit(code))
