// lichen ps

import { asText, asUint, list, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { filterParser } from '../cli/values/filter.js'
import { PS_FILTERS, selectContainers } from '../cli/views/ps-filter.js'
import type { LichenError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Ps extends BaseCommand {
  static override summary = 'List containers'
  static override description = 'Lists running containers; with --all every container.'
  static override usage = '[options]'
  static override examples = [
    'lichen ps -a',
    'lichen ps -a --filter status=exited --format "{{.Names}} {{.Status}}"',
    'lichen ps --format json',
  ]
  static override aliases = ['container:ls']
  static override hiddenAliases = ['container:ps', 'container:list']
  static override flags = {
    all: toggle('Show containers that do not run, too', { char: 'a' }),
    filter: list(
      `Only containers with KEY=VALUE; keys: ${PS_FILTERS.join(', ')}`,
      filterParser(PS_FILTERS, { canNegate: true }),
      {
        char: 'f',
        commas: true,
      },
    ),
    last: value('Only the newest so many, in whatever state', asUint, { char: 'n', type: 'uint' }),
    latest: toggle('Only the newest, in whatever state', { char: 'l', exclusive: ['last'] }),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    'no-trunc': toggle('Show IDs, images and commands in full'),
    noheading: toggle('Leave the headings out'),
    quiet: toggle('Only IDs', { char: 'q', exclusive: ['format'] }),
  }
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(Ps)
    const { listContainers } = await import('../engine/ps.js')
    const { containersText } = await import('../cli/views/ps.js')
    const last = flags.latest ? 1 : flags.last
    const onDamaged = (_id: string, { message, hint }: LichenError) =>
      this.showWarnings([hint === undefined ? message : `${message}: ${hint}`])
    const views = await listContainers(await this.openEngine(), onDamaged)
    const containers = selectContainers(views, { ...flags, last })
    writeOut(containersText(containers, flags))
  }
}
