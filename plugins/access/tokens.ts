import jwt from '@fastify/jwt'
import fp from 'fastify-plugin'
import { derivedKey, keptSecret, signingKey } from '../../src/sessions/secret-key.ts'
import type { TokenSigner } from '../../src/sessions/token.ts'

declare module 'fastify' {
  interface FastifyInstance {
    tokens: TokenSigner
    /** Keys for another purpose than tokens: of `SECRET_KEY`, then of `SECRET_KEY_PREVIOUS` if there is one. */
    keysFor(purpose: string): readonly Buffer[]
  }
}

/** HS256 and nothing else. `SECRET_KEY` signs; what `SECRET_KEY_PREVIOUS` has signed still verifies. */
export default fp(
  async app => {
    const { databasePath, secretKey, secretKeyPrevious } = app.config.accounts
    const current = secretKey ?? (await keptSecret(`${databasePath}.key`))
    const secrets = secretKeyPrevious === undefined ? [current] : [current, secretKeyPrevious]
    app.decorate('keysFor', purpose => secrets.map(secret => derivedKey(secret, purpose)))
    await register('current', current)
    if (secretKeyPrevious !== undefined) await register('previous', secretKeyPrevious)

    const { current: signer, previous } = app.jwt as unknown as Record<string, typeof app.jwt | undefined>
    app.decorate('tokens', {
      sign: claims => signer!.sign({ ...claims }),
      verify: token => {
        try {
          return signer!.verify(token)
        } catch (error) {
          if (!previous) throw error
          return previous.verify(token)
        }
      },
    })

    async function register(namespace: string, secret: string): Promise<void> {
      await app.register(jwt, {
        namespace,
        secret: signingKey(secret),
        sign: { algorithm: 'HS256' },
        verify: { algorithms: ['HS256'], cache: false },
      })
    }
  },
  { name: 'tokens', dependencies: ['settings', 'database'] },
)
