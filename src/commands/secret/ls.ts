// lichen secret ls

import { asText, list, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { filterParser } from '../../cli/values/filter.js'
import { BaseCommand } from '../base-command.js'

export default class SecretLs extends BaseCommand {
  static override summary = 'List secrets'
  static override description = 'Lists secrets by name.'
  static override usage = '[options]'
  static override examples = ['lichen secret ls', "lichen secret ls --format '{{.Name}}' --filter name=^db"]
  static override hiddenAliases = ['secret:list']
  static override flags = {
    filter: list(
      'Only secrets with name=EXPRESSION or id=BEGINNING',
      filterParser(['name', 'id'], { canNegate: false }),
      { char: 'f', commas: true },
    ),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    noheading: toggle('Leave the headings out', { char: 'n' }),
    quiet: toggle('Only IDs', { char: 'q', exclusive: ['format'] }),
  }
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(SecretLs)
    const { describeSecrets } = await import('../../engine/secrets.js')
    const { secretsText } = await import('../../cli/views/secrets.js')
    const { secrets, warnings } = describeSecrets(await this.openEngine(), flags.filter)
    this.showWarnings(warnings)
    writeOut(secretsText(secrets, flags))
  }
}
