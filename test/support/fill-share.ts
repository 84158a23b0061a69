import type { FastifyInstance } from 'fastify'
import type { ViewerKind } from '../../src/access/viewers.ts'

/** Lets as many others view as there may be of a kind; returns how they leave again. */
export async function fillWithOthers(
  app: FastifyInstance,
  token: string,
  kind: ViewerKind,
): Promise<() => void> {
  const { identity } = (await app.sessions.find(token))!
  const releases: (() => void)[] = []
  try {
    for (let userId = 1000; ; userId++)
      releases.push(app.viewers.add({ identity: { ...identity, userId }, kind, end: () => {} }))
  } catch {
    return () => {
      for (const release of releases) release()
    }
  }
}
