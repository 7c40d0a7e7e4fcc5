// lichen volume inspect

import { asText, toggle, value } from '../../cli/flags.js'
import { UsageError } from '../../model/errors.js'
import { BaseCommand } from '../base-command.js'

export default class VolumeInspect extends BaseCommand {
  static override summary = 'Show everything about one or more volumes'
  static override description = 'Prints a JSON list with one object for each volume, or what a template makes of each.'
  static override usage = '[options] VOLUME [VOLUME...]'
  static override examples = [
    'lichen volume inspect data',
    "lichen volume inspect --format '{{.Mountpoint}}' data",
    'lichen volume inspect --all',
  ]
  static override flags = {
    all: toggle('Every volume', { char: 'a' }),
    format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }),
  }
  static override group = 'Containers' as const
  static override arity = { min: 0, max: Infinity, of: 'volume' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(VolumeInspect)
    if (flags.all === argv.length > 0) throw new UsageError('provide one or more volume names or use --all')
    const { describeVolume, describeVolumes } = await import('../../engine/volumes.js')
    const { showInspected } = await import('../../cli/views/inspect.js')
    const { volumeFields } = await import('../../cli/views/volumes.js')
    const engine = await this.openEngine()
    const names = flags.all ? describeVolumes(engine).volumes.map(({ Name }) => Name) : (argv as string[])
    const inspect = async (name: string) => describeVolume(engine, name)
    const toFields = (volume: object) => volumeFields(volume as ReturnType<typeof describeVolume>)
    return showInspected(names, { format: flags.format, context: this.errorContext, inspect, toFields })
  }
}
