// `--change INSTRUCTION` of import and commit: the Dockerfile instructions that only set an image's config, as `CMD sleep 9` or `CMD=sleep 9`.

import { UsageError } from '../../model/errors.js'
import type { ImageProcessConfig } from '../../model/image.js'

const SHELL = ['/bin/sh', '-c']

/** The part of a config that one instruction sets. */
export function parseChange(input: string): ImageProcessConfig {
  const match = /^\s*([a-zA-Z]+)(?:\s+|=)(.*)$/s.exec(input)
  const instruction = (match?.[1] ?? input).toUpperCase()
  const text = (match?.[2] ?? '').trim()
  const parse = Object.hasOwn(INSTRUCTIONS, instruction) ? INSTRUCTIONS[instruction] : undefined
  if (parse === undefined)
    throw new UsageError(`unknown instruction "${instruction}": supported are ${Object.keys(INSTRUCTIONS).join(', ')}`)
  if (text === '') throw new UsageError(`${instruction} needs a value`)
  return parse(text)
}

const INSTRUCTIONS: Readonly<Record<string, (text: string) => ImageProcessConfig>> = {
  CMD: (text) => ({ Cmd: parseCommand(text) }),
  ENTRYPOINT: (text) => ({ Entrypoint: parseCommand(text) }),
  ENV: (text) => ({ Env: parsePairs(text).map(([name, value]) => `${name}=${value}`) }),
  EXPOSE: (text) => ({ ExposedPorts: Object.fromEntries(text.split(/\s+/).map((port) => [parsePort(port), {}])) }),
  LABEL: (text) => ({ Labels: Object.fromEntries(parsePairs(text)) }),
  ONBUILD: (text) => ({ OnBuild: [text] }),
  STOPSIGNAL: (text) => ({ StopSignal: text }),
  USER: (text) => ({ User: text }),
  VOLUME: (text) => ({
    Volumes: Object.fromEntries((parseJsonList(text) ?? text.split(/\s+/)).map((path) => [path, {}])),
  }),
  WORKDIR: (text) => ({ WorkingDir: text }),
}

/** Later instructions win; lists and maps add up. */
export function mergeChanges(changes: readonly ImageProcessConfig[]): ImageProcessConfig {
  const merged: ImageProcessConfig = Object.assign({}, ...changes)
  const lists = Object.fromEntries(
    (['Env', 'OnBuild'] as const)
      .filter((name) => merged[name] !== undefined)
      .map((name) => [name, changes.flatMap((change) => change[name] ?? [])]),
  )
  const maps = Object.fromEntries(
    (['Labels', 'ExposedPorts', 'Volumes'] as const)
      .filter((name) => merged[name] !== undefined)
      .map((name) => [name, Object.assign({}, ...changes.map((change) => change[name]))]),
  )
  return { ...merged, ...maps, ...lists }
}

/** Dockerfile's exec form (a JSON list) or shell form. */
const parseCommand = (text: string): readonly string[] => parseJsonList(text) ?? [...SHELL, text]

function parseJsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const words: unknown = JSON.parse(text)
    return Array.isArray(words) && words.every((word) => typeof word === 'string') ? words : undefined
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

/** `A=1 B="two words"`, or the old `NAME the rest of the line`. */
function parsePairs(text: string): [name: string, value: string][] {
  if (!/^[^\s=]+=/.test(text)) {
    const [name = '', value = ''] = text.split(/\s+(.*)/s)
    return [[name, value]]
  }
  const pattern = /([^\s=]+)=("(?:[^"\\]|\\.)*"|'[^']*'|(?:[^\s\\"']|\\.)*)(?:\s+|$)/gsy
  const pairs = [...text.matchAll(pattern)]
  if (pairs.map(([piece]) => piece).join('') !== text) throw new UsageError('the form is NAME=VALUE [NAME=VALUE…]')
  return pairs.map(([, name = '', value = '']) => [name, unquote(value)])
}

function unquote(value: string): string {
  if (value.startsWith("'")) return value.slice(1, -1)
  return (value.startsWith('"') ? value.slice(1, -1) : value).replace(/\\(.)/gs, '$1')
}

function parsePort(input: string): string {
  const match = /^(\d{1,5})(-\d{1,5})?(?:\/(tcp|udp|sctp))?$/.exec(input)
  if (match === null || Number(match[1]) > 65535)
    throw new UsageError(`"${input}" is no port: the form is PORT[/tcp|udp]`)
  return `${match[1]}${match[2] ?? ''}/${match[3] ?? 'tcp'}`
}
