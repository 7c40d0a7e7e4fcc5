// lichen info

import { asText, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { BaseCommand } from './base-command.js'

export default class Info extends BaseCommand {
  static override summary = 'Show what this host can do and where things are'
  static override description =
    'Shows the host, the storage and the choices lichen made here (storage driver, runtime, network), with the reason for each.'
  static override usage = '[options]'
  static override examples = ['lichen info', "lichen info --format '{{.Store.GraphDriverName}}'"]
  static override aliases = ['system:info']
  static override flags = { format: value('"json" or a Go template', asText, { char: 'f' }) }
  static override group = 'System' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(Info)
    const { readInfo } = await import('../engine/info.js')
    const { infoText } = await import('../cli/views/info.js')
    writeOut(infoText(await readInfo(await this.openEngine()), flags.format))
  }
}
