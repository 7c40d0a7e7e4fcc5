// lichen system df

import { asText, toggle, value } from '../../cli/flags.js'
import { writeOut } from '../../cli/output.js'
import { BaseCommand } from '../base-command.js'

export default class SystemDf extends BaseCommand {
  static override summary = 'Show what takes how much disk'
  static override description =
    'Shows the disk space of images, containers, volumes and everything else below the root; the sizes add up to what `du` says of it.\nRECLAIMABLE is what pruning would free: images without a container, containers that do not run, volumes of no container.'
  static override usage = '[options]'
  static override examples = ['lichen system df', 'lichen system df --verbose', 'lichen system df --format json']
  static override flags = {
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    verbose: toggle('Show every image, container and volume, and all parts of the store', { char: 'v' }),
  }
  static override group = 'System' as const

  override async run(): Promise<void> {
    const { flags } = await this.parse(SystemDf)
    const { readStoreUsage } = await import('../../engine/system-df.js')
    const { storeUsageText } = await import('../../cli/views/system-df.js')
    writeOut(storeUsageText(await readStoreUsage(await this.openEngine()), flags))
  }
}
