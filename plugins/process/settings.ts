import fp from 'fastify-plugin'
import type { Config } from '../../src/config/config.ts'
import { homeFolder } from '../../src/system/home.ts'

declare module 'fastify' {
  interface FastifyInstance {
    config: Config
    /** The folder of this program, where its `public/` is. */
    home: string
  }
}

export default fp<{ config: Config }>(
  async (app, { config }) => {
    app.decorate('config', config)
    app.decorate('home', homeFolder())
  },
  { name: 'settings' },
)
