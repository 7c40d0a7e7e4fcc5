// The registry, or its token server, does not take these credentials: `login` has words of its own for that.

import { HostError } from '../../model/errors.js'

export class LoginRefusedError extends HostError {}
