// lichen search

import { asText, asUint, list, toggle, value } from '../cli/flags.js'
import { writeOut } from '../cli/output.js'
import { registryFlags, toRegistryOptions } from '../cli/registry-flags.js'
import { parseSearchFilter } from '../cli/values/search-filter.js'
import { UsageError } from '../model/errors.js'
import { BaseCommand } from './base-command.js'

const DEFAULT_LIMIT = 25

export default class Search extends BaseCommand {
  static override summary = 'Search registries for images'
  static override description =
    "Searches the registry named before the first slash of TERM, or all that short names may be in (docker.io, or lichen.toml's list).\nWith --list-tags, TERM is a repository and its tags are listed."
  static override usage = '[options] TERM'
  static override examples = [
    'lichen search --filter is-official --limit 3 alpine',
    'lichen search registry.example:5000/',
    'lichen search --list-tags quay.io/podman/stable',
  ]
  static override aliases = ['image:search']
  static override flags = {
    ...registryFlags,
    compatible: toggle('Show stars and whether an image is official or automated, as docker does'),
    filter: list(
      'Only repositories with KEY=VALUE: is-official[=BOOL], is-automated[=BOOL], stars=N (or more)',
      parseSearchFilter,
      { char: 'f', commas: true },
    ),
    format: value('"json", "table TEMPLATE" or a Go template', asText),
    limit: value('Show at most this many of a registry', asUint, { type: 'uint', defaultHelp: String(DEFAULT_LIMIT) }),
    'list-tags': toggle('List the tags of a repository'),
    'no-trunc': toggle('Show descriptions in full'),
  }
  static override group = 'Images' as const
  static override arity = { min: 1, max: 1, of: 'term' }

  override async run(): Promise<void> {
    const { flags, argv } = await this.parse(Search)
    const isTags = flags['list-tags']
    if (isTags && flags.filter.length > 0) throw new UsageError('--filter cannot be used with --list-tags')
    const { listRepositoryTags, searchImages } = await import('../engine/search.js')
    const { searchText, selectFound, tagsText } = await import('../cli/views/search.js')
    const engine = await this.openEngine()
    const request = { term: argv[0] as string, limit: flags.limit || DEFAULT_LIMIT, options: toRegistryOptions(flags) }
    if (isTags) {
      const { name, tags } = await listRepositoryTags(engine, request)
      writeOut(tagsText(name, tags, flags))
      return
    }
    const { found, warnings } = await searchImages(engine, request)
    this.showWarnings(warnings)
    writeOut(searchText(selectFound(found, flags.filter), flags))
  }
}
