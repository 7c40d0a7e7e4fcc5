// A command line that is kept and shown, without what must stay secret. Pure.

import type { FlagDefinitions } from './flag-values.js'
import type { FlagToken } from './pflag.js'

const HIDDEN = '***'

/** `tokens`: how `words` were read. A secret is hidden wherever its flag has it: `--creds X`, `--creds=X`. */
export function hideSecrets(
  words: readonly string[],
  tokens: readonly FlagToken[],
  definitions: FlagDefinitions,
): readonly string[] {
  const secrets = tokens.filter(({ flag, input }) => definitions[flag]?.secret === true && input !== '')
  return secrets.reduce<readonly string[]>(
    (shown, { flag, input }) =>
      shown.map((word, at) => {
        if (word === `--${flag}=${input}`) return `--${flag}=${HIDDEN}`
        return word === input && shown[at - 1] === `--${flag}` ? HIDDEN : word
      }),
    words,
  )
}
