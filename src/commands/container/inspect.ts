// lichen container inspect

import { asText, toggle, value } from '../../cli/flags.js'
import { latestFlag } from '../../cli/target-flags.js'
import { BaseCommand } from '../base-command.js'

export default class ContainerInspect extends BaseCommand {
  static override summary = 'Show everything about one or more containers'
  static override description =
    'Prints a JSON list with one object for each container, or what a template makes of each.'
  static override usage = '[options] CONTAINER [CONTAINER...]'
  static override examples = ["lichen container inspect --format '{{.Id}}' NAME"]
  static override flags = {
    format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }),
    ...latestFlag,
    size: toggle('How much each container has written', { char: 's' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'container' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(ContainerInspect)
    const { inspectObject } = await import('../../engine/inspect.js')
    const { showInspected } = await import('../../cli/views/inspect.js')
    const engine = await this.openEngine()
    const names = argv as string[]
    const wanted = flags.latest || names.length === 0 ? [await this.target(engine, names, flags.latest)] : names
    const inspect = (name: string) => inspectObject(engine, name, 'container', flags)
    return showInspected(wanted, { format: flags.format, context: this.errorContext, inspect })
  }
}
