// lichen image inspect

import { asText, value } from '../../cli/flags.js'
import { BaseCommand } from '../base-command.js'

export default class ImageInspect extends BaseCommand {
  static override summary = 'Show everything about one or more images'
  static override description = 'Prints a JSON list with one object for each image, or what a template makes of each.'
  static override usage = '[options] IMAGE [IMAGE...]'
  static override examples = ["lichen image inspect --format '{{.Id}}' NAME"]
  static override flags = { format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }) }
  static override group = 'Images' as const
  static override arity = { min: 1, max: Infinity, of: 'image' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(ImageInspect)
    const { inspectObject } = await import('../../engine/inspect.js')
    const { showInspected } = await import('../../cli/views/inspect.js')
    const engine = await this.openEngine()
    const inspect = (name: string) => inspectObject(engine, name, 'image')
    return showInspected(argv as string[], { format: flags.format, context: this.errorContext, inspect })
  }
}
