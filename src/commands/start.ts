// lichen start

import { attachFlags } from '../cli/create-flags.js'
import { forEachName } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Start extends BaseCommand {
  static override summary = 'Start one or more containers'
  static override description =
    'Starts containers that were created or have ended. With --attach, shows the output and returns the exit code.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ['lichen start db cache', 'lichen start --attach --interactive shell']
  static override aliases = ['container:start']
  static override flags = {
    ...attachFlags,
    attach: toggle("Show the container's output", { char: 'a' }),
    interactive: toggle('Pass standard input on to the container', { char: 'i' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 1, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Start)
    const names = argv as string[]
    const isAttached = flags.attach || flags.interactive
    if (isAttached && names.length > 1) throw new UsageError('only one container can be attached at once')
    const { startAttached, startContainer } = await import('../engine/start.js')
    const engine = await this.openEngine()
    if (!isAttached) return forEachName(names, this.errorContext, (name) => startContainer(engine, name))
    const options = { stdin: flags.interactive, detachKeys: flags['detach-keys'], sigProxy: flags['sig-proxy'] }
    const { attachFromTerminal } = await import('../engine/terminal.js')
    return await attachFromTerminal(engine, names[0] as string, options, startAttached)
  }
}
