// The only entry: argv in, exit code out. Finds the command, runs it, and prints every error that reaches it.
// Must stay small to load: what a command needs is imported by the command.

import { errorExitCode, errorText } from './cli/error-text.js'
import { globalFlags, helpFlag, versionFlag } from './cli/global-flags.js'
import { programHelp, topicHelp } from './cli/help.js'
import { writeErr, writeOut } from './cli/output.js'
import { type Route, route } from './cli/router.js'
import { lichenVersion } from './cli/version.js'
import type { BaseCommand } from './commands/base-command.js'
import { commandTable } from './commands/command-table.gen.js'
import { UsageError } from './model/errors.js'

const rootFlags = { ...globalFlags, help: { ...helpFlag, char: 'h' }, version: versionFlag } as const

async function main(words: readonly string[]): Promise<number> {
  let target: Route<typeof BaseCommand> | undefined
  try {
    target = route(words, commandTable, rootFlags)
    return await follow(target)
  } catch (error) {
    const command = target?.kind === 'command' ? target.name : undefined
    writeErr(errorText(error, { command, debug: isDebug(target) }))
    return errorExitCode(error)
  }
}

async function follow(target: Route<typeof BaseCommand>): Promise<number> {
  switch (target.kind) {
    case 'version':
      writeOut(`lichen version ${lichenVersion}\n`)
      return 0
    case 'help': {
      const { topic, asked } = target
      const write = asked ? writeOut : writeErr
      write(topic === undefined ? programHelp(commandTable, rootFlags) : topicHelp(commandTable, topic))
      if (asked) return 0
      throw new UsageError(`missing command: lichen ${topic === undefined ? '' : `${topic} `}COMMAND`)
    }
    case 'command':
      return (await target.entry.load()).execute(target.words, { name: target.name, debug: isDebug(target) })
  }
}

/** The environment is read here because an error may come before anything else is loaded. */
const isDebug = (target: Route<unknown> | undefined): boolean =>
  process.env['LICHEN_DEBUG'] === '1' || (target?.kind === 'command' && target.words.includes('--log-level=debug'))

void main(process.argv.slice(2)).then((code) => process.exit(code))
