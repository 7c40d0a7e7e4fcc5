// lichen inspect

import { asText, value } from '../cli/flags.js'
import type { InspectKind } from '../engine/inspect.js'
import { BaseCommand } from './base-command.js'

export default class Inspect extends BaseCommand {
  static override summary = 'Show everything about containers or images'
  static override description =
    'A name that is both a container and an image means the container, unless --type says otherwise.'
  static override usage = '[options] NAME [NAME...]'
  static override examples = ['lichen inspect web', "lichen inspect --format '{{.State.Status}}' web"]
  static override flags = {
    format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }),
    type: value('What the names mean', asText, { char: 't', default: 'all', choices: ['all', 'container', 'image'] }),
  }
  static override group = 'System' as const
  static override arity = { min: 1, max: Infinity, of: 'name' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Inspect)
    const { inspectObject } = await import('../engine/inspect.js')
    const { showInspected } = await import('../cli/views/inspect.js')
    const engine = await this.openEngine()
    const inspect = (name: string) => inspectObject(engine, name, flags.type as InspectKind)
    return showInspected(argv as string[], { format: flags.format, context: this.errorContext, inspect })
  }
}
