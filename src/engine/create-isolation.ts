// What must be found out before a container's isolation can be planned: the containers it joins, the ids it may have.

import type { ContainerRecord } from '../model/container.js'
import { NotFoundError } from '../model/errors.js'
import type { LocalImage } from '../model/image.js'
import type { CreateRequest } from '../model/run-request.js'
import { idSpace } from '../platform/id-space.js'
import { findRecord } from '../state/records.js'
import type { Engine } from './engine.js'
import { joinedContainers } from './plan-namespaces.js'
import { type DecidedUserns, planUserns } from './plan-userns.js'

export type Joined = ReadonlyMap<string, ContainerRecord>

/** By what they were called. Throws NotFoundError in podman's words. */
export function findJoined({ paths }: Engine, request: CreateRequest): Joined {
  return new Map(
    joinedContainers(request).map(({ kind, name }) => {
      try {
        return [name, findRecord(paths, name)]
      } catch (cause) {
        if (!(cause instanceof NotFoundError)) throw cause
        throw new NotFoundError(
          `create container: looking up container to share ${kind} namespace with: ${cause.message}`,
          { cause, hint: '`lichen ps -a` lists all containers' },
        )
      }
    }),
  )
}

export interface UsernsNeeds {
  readonly joined: Joined
  readonly id: string
  /** Called where the image decides how many ids the container needs. */
  bringImage(): Promise<LocalImage | undefined>
}

/** Throws what planUserns and chooseAutoIds throw. */
export async function decideUserns(store: Engine, request: CreateRequest, needs: UsernsNeeds): Promise<DecidedUserns> {
  const { facts, userns } = store
  const host = {
    uid: facts.uid,
    gid: facts.gid,
    hasManyIds: userns.singleBecause === undefined && userns.kind !== 'nested',
    uids: idSpace(store, 'uid'),
    gids: idSpace(store, 'gid'),
    joined: needs.joined,
  }
  if (request.userns?.mode !== 'auto' || !host.hasManyIds) return planUserns(request, host)
  const { chooseAutoIds } = await import('./auto-userns.js')
  const { id } = needs
  return planUserns(request, {
    ...host,
    auto: await chooseAutoIds(store, request.userns, { id, image: await needs.bringImage() }),
  })
}
