import type { FastifyInstance } from 'fastify'

/** Lets others have all there is of a share; returns what gives it back. */
export function fillWithOthers(app: FastifyInstance, name: string): () => void {
  const share = new Map(app.shares.entries()).get(name)
  if (!share) throw new Error(`there is no share of ${name}`)
  const releases: (() => void)[] = []
  for (let other = 0; share.used < share.total; other++)
    releases.push(share.take({ user: `other ${other}`, token: 'x' }))
  return () => {
    for (const release of releases) release()
  }
}
