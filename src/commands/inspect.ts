// lichen inspect

import { asText, toggle, value } from '../cli/flags.js'
import { latestFlag } from '../cli/target-flags.js'
import { withId } from '../cli/views/inspect.js'
import { volumeFields } from '../cli/views/volumes.js'
import type { InspectKind } from '../engine/inspect.js'
import type { VolumeDescription } from '../engine/volumes.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

export default class Inspect extends BaseCommand {
  static override summary = 'Show everything about containers, images or volumes'
  static override description =
    'A name that several things have means the container, else the image, else the volume, unless --type says otherwise.'
  static override usage = '[options] {CONTAINER|IMAGE|VOLUME} [...]'
  static override examples = ['lichen inspect web', "lichen inspect --format '{{.State.Status}}' web"]
  static override flags = {
    format: value('"json" or a Go template', asText, { char: 'f', default: 'json' }),
    ...latestFlag,
    size: toggle('Of containers, how much they have written', { char: 's' }),
    type: value('What the names mean', asText, {
      char: 't',
      default: 'all',
      choices: ['all', 'container', 'image', 'volume'],
    }),
  }
  static override group = 'System' as const
  static override arity = { min: 0, max: Infinity, of: 'name' }

  override async run(): Promise<number> {
    const { flags, argv } = await this.parse(Inspect)
    const { inspectObject } = await import('../engine/inspect.js')
    const { showInspected } = await import('../cli/views/inspect.js')
    const kind = flags.type as InspectKind
    if (flags.latest && kind !== 'all' && kind !== 'container')
      throw new UsageError(`--latest means a container, which --type ${kind} rules out`)
    const engine = await this.openEngine()
    const names = flags.latest ? [await this.target(engine, argv as string[], true)] : (argv as string[])
    if (names.length === 0) throw new UsageError('no names or ids specified')
    const inspect = (name: string) => inspectObject(engine, name, flags.latest ? 'container' : kind, flags)
    return showInspected(names, { format: flags.format, context: this.errorContext, inspect, toFields })
  }
}

/** Of a volume a template sees more than JSON shows. */
function toFields(object: object): object {
  if ('Mountpoint' in object) return volumeFields(object as VolumeDescription)
  return withId(object)
}
