// `--secret NAME[,type=mount|env][,target=][,uid=][,gid=][,mode=]`. podman-run(1), --secret.

import { UsageError } from '../../model/errors.js'
import type { SecretRequest } from '../../model/mounts.js'
import { onlySaid } from '../only-said.js'
import { splitCsv } from './csv.js'

const DEFAULT_MODE = 0o444

export function parseSecret(input: string): SecretRequest {
  const words = splitCsv(input)
  const [first = ''] = words
  const isNamed = !first.includes('=')
  const said = new Map<string, string>()
  for (const word of isNamed ? words.slice(1) : words) takeOption(said, word)
  const secret = isNamed ? first : said.get('source')
  if (secret === undefined || secret === '') throw invalid('no source given')
  const type = said.get('type') ?? 'mount'
  if (type !== 'mount' && type !== 'env') throw invalid(`type ${type} is invalid`)
  const owner = ['uid', 'gid', 'mode'].some((key) => said.has(key))
  if (type === 'env' && owner) throw invalid('UID, GID, Mode options cannot be set with secret type env')
  return {
    secret,
    type,
    uid: readNumber(said, 'uid', 'UID'),
    gid: readNumber(said, 'gid', 'GID'),
    mode: readMode(said.get('mode')),
    ...onlySaid({ target: said.get('target') }),
  }
}

function takeOption(said: Map<string, string>, word: string): void {
  const equals = word.indexOf('=')
  const key = word.slice(0, equals)
  const known = ['source', 'type', 'target', 'uid', 'gid', 'mode'].includes(key)
  if (equals < 1 || !known) throw invalid(`option ${word} invalid`)
  said.set(key, word.slice(equals + 1))
}

function readNumber(said: ReadonlyMap<string, string>, key: string, named: string): number {
  const value = said.get(key) ?? '0'
  if (/^\d{1,10}$/.test(value) && Number(value) < 2 ** 32 - 1) return Number(value)
  throw invalid(`${named} ${value} invalid`)
}

function readMode(value: string | undefined): number {
  if (value === undefined) return DEFAULT_MODE
  if (/^[0-7]{1,4}$/.test(value)) return Number.parseInt(value, 8)
  throw invalid(`mode ${value} invalid`)
}

const invalid = (cause: string): UsageError => new UsageError(`${cause}: parsing secret`)
