// lichen start

import { attachFlags } from '../cli/attach-flags.js'
import { forEachTarget } from '../cli/each.js'
import { toggle } from '../cli/flags.js'
import { filterFlag, latestFlag } from '../cli/target-flags.js'
import { UsageError } from '../model/errors.js'
import { isLive } from '../model/status.js'
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
    all: toggle('Every container that does not run'),
    attach: toggle("Show the container's output", { char: 'a' }),
    ...filterFlag(),
    interactive: toggle('Pass standard input on to the container', { char: 'i' }),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Start)
    const names = argv as string[]
    const isAttached = flags.attach || flags.interactive
    if (isAttached && (names.length > 1 || flags.all || flags.filter.length > 0))
      throw new UsageError('you cannot start and attach multiple containers at once')
    const { startAttached, startContainer } = await import('../engine/start.js')
    const engine = await this.openEngine()
    const targets = await this.targets(engine, names, { ...flags, among: ({ status }) => !isLive(status) })
    if (!isAttached) return forEachTarget(targets, this.errorContext, (id) => startContainer(engine, id))
    const options = { stdin: flags.interactive, detachKeys: flags['detach-keys'], sigProxy: flags['sig-proxy'] }
    const { attachFromTerminal } = await import('../engine/terminal.js')
    return await attachFromTerminal(engine, targets[0]?.id ?? '', options, startAttached)
  }
}
