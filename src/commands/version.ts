// lichen version

import { asText, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { BaseCommand } from './base-command.js'

export default class Version extends BaseCommand {
  static override summary = 'Show the version'
  static override description = 'Shows the version of lichen and of what it runs on.'
  static override usage = '[options]'
  static override examples = ['lichen version', "lichen version --format '{{.Client.Version}}'"]
  static override flags = { format: value('"json" or a Go template', asText, { char: 'f' }) }
  static override group = 'System' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(Version)
    const { versionText } = await import('../cli/views/version.js')
    writeOut(versionText(flags.format))
  }
}
