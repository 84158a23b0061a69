import type { FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { ownerOf } from '../../src/access/identity.ts'
import { networkOf } from '../../src/network/address.ts'
import type { Owner } from '../../src/shares/share.ts'
import { Shares } from '../../src/shares/shares.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Every bound that users share. The table in docs/security.md lists them. */
    shares: Shares
  }
  interface FastifyRequest {
    /** Whose share this request takes: the user's, or the network's where nobody is logged in. */
    readonly owner: Owner
  }
}

export default fp(
  async app => {
    app.decorate('shares', new Shares())
    app.decorateRequest('owner', {
      getter(this: FastifyRequest) {
        const { identity, client } = this
        if (identity) return ownerOf(identity)
        return { user: networkOf(client.address), token: client.address }
      },
    })
  },
  { name: 'shares', dependencies: ['client'] },
)
