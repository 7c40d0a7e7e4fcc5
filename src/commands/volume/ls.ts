// lichen volume ls

import { asText, list, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { parseVolumeFilter, VOLUME_FILTERS } from '../../cli/values/volume-filter.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeLs extends BaseCommand {
  static override summary = 'List volumes'
  static override description = 'Lists volumes by name.'
  static override usage = '[options]'
  static override examples = ['lichen volume ls', 'lichen volume ls -q --filter dangling=true']
  static override hiddenAliases = ['volume:list']
  static override flags = {
    filter: list(`Only volumes with KEY=VALUE; keys: ${VOLUME_FILTERS.join(', ')}, label!`, parseVolumeFilter, {
      char: 'f',
      commas: true,
    }),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    noheading: toggle('Leave the headings out', { char: 'n' }),
    quiet: toggle('Only names', { char: 'q', exclusive: ['format'] }),
  }
  static override group = 'Containers' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(VolumeLs)
    const { describeVolumes } = await import('../../engine/volumes.js')
    const { volumesText } = await import('../../cli/views/volumes.js')
    const { volumes, warnings } = describeVolumes(await this.openEngine(), flags.filter)
    this.showWarnings(warnings)
    writeOut(volumesText(volumes, flags))
  }
}
