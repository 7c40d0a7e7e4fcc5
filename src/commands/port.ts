// lichen port

import { toggle } from '../cli/flags.js'
import { checkTargets, latestFlag } from '../cli/target-flags.js'
import { parsePort } from '../cli/values/port.js'
import { BaseCommand } from './base-command.js'

export default class Port extends BaseCommand {
  static override summary = 'List the published ports of a container'
  static override description =
    'Prints which ports of the host lead to ports of a container; nothing where none is published.'
  static override usage = '[options] CONTAINER [PORT[/PROTOCOL]]'
  static override examples = ['lichen port web', 'lichen port web 80/tcp']
  static override aliases = ['container:port']
  static override flags = {
    all: toggle('Of every container', { char: 'a' }),
    ...latestFlag,
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: 2, of: 'argument' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Port)
    const words = argv as string[]
    const names = flags.latest ? [] : words.slice(0, 1)
    const port = flags.latest ? words[0] : words[1]
    checkTargets(flags.all ? words : names, flags)
    if (port !== undefined) parsePort(port)
    const { findTargets } = await import('../engine/targets.js')
    // no network driver here publishes a port, so there is none to tell: only that there is such a container
    await findTargets(await this.openEngine(), { names, latest: flags.latest, all: flags.all })
  }
}
