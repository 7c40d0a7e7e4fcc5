// WWW-Authenticate → the ways to log in it offers. RFC 9110 §11.6.1: several challenges may stand in one header, their commas between
// parameters as well as between challenges. Pure.

export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** By name in lower case; none for a token68. */
  readonly parameters: Readonly<Record<string, string>>
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const PARAMETER = new RegExp(`^(${TOKEN})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))[ \\t]*(?=,|$)`)
const SCHEME = new RegExp(`^(${TOKEN})(?:[ \\t]+(?:[A-Za-z0-9._~+/-]+=*[ \\t]*(?=,|$))?|(?=,|$))`)

/** What cannot be understood ends the list: the challenges before it are still good. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let rest = skipSeparators(header)
  while (rest !== '') {
    const parameter = PARAMETER.exec(rest)
    const match = parameter ?? SCHEME.exec(rest)
    if (match === null) break
    const [whole, name = '', quoted, plain = ''] = match
    const last = challenges.at(-1)
    if (parameter === null) challenges.push({ scheme: name.toLowerCase(), parameters: {} })
    else if (last !== undefined) last.parameters[name.toLowerCase()] = quoted?.replace(/\\(.)/g, '$1') ?? plain
    rest = skipSeparators(rest.slice(whole.length))
  }
  return challenges
}

function skipSeparators(text: string): string {
  return text.replace(/^[ \t,]+/, '')
}
