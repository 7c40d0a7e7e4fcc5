// lichen manifest inspect

import { toJson } from '../../cli/go-template/values.js'
import { writeOut } from '../../cli/output.js'
import { registryFlags, toRegistryOptions } from '../../cli/registry-flags.js'
import { BaseCommand } from '../base-command.js'

const INDENT = 4

export default class ManifestInspect extends BaseCommand {
  static override summary = 'Show a list'
  static override description =
    'Prints a list of the local store, or what a registry has under that name, as JSON. docker://REFERENCE means the registry in any case.'
  static override usage = '[options] LIST'
  static override examples = ['lichen manifest inspect app:1', 'lichen manifest inspect docker://alpine']
  static override flags = registryFlags
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'list' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(ManifestInspect)
    const { inspectManifest } = await import('../../engine/manifest-inspect.js')
    const engine = await this.openEngine()
    const { document, warnings } = await inspectManifest(engine, argv[0] as string, toRegistryOptions(flags))
    this.showWarnings(warnings)
    writeOut(`${toJson(document, INDENT)}\n`)
  }
}
