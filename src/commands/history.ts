// lichen history

import { asText, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { BaseCommand } from './base-command.js'

export default class History extends BaseCommand {
  static override summary = 'Show the steps an image was made by'
  static override description =
    'Shows the steps of an image, newest first, and how much each one added. A step that completed another local image has its ID.'
  static override usage = '[options] IMAGE'
  static override examples = ['lichen history alpine', "lichen history --no-trunc --format '{{.CreatedBy}}' web"]
  static override aliases = ['image:history']
  static override flags = {
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    human: toggle('Sizes and ages for people, else bytes and times', { char: 'H', default: true }),
    'no-trunc': toggle('Show IDs and commands in full'),
    quiet: toggle('Only IDs', { char: 'q', exclusive: ['format'] }),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'image' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(History)
    const { readHistory } = await import('../engine/history.js')
    const { historyText } = await import('../cli/views/history.js')
    writeOut(historyText(readHistory(await this.openEngine(), argv[0] as string), flags))
  }
}
